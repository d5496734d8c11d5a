import { describe, expect, test } from 'vitest';
import { filesUnder, prose, textOf } from './pages.js';

const GLOSSARY = 'docs/reference/glossary.md';
const PAGES = ['README.md', ...filesUnder('docs', ['.md'])];

/** Cells of the rows of every table under the headings that `isWanted` takes. */
function rowsOf(isWanted: (heading: string) => boolean): string[][] {
  return textOf(GLOSSARY)
    .split(/^## /m)
    .slice(1)
    .filter((part) => isWanted(part.split('\n')[0]!))
    .flatMap((part) => part.split('\n').filter((line) => line.startsWith('| ')))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter(([word]) => word !== 'word' && word !== 'not');
}

const WORDS = rowsOf((heading) => heading !== 'Words not used');
/** Words of the glossary; each cell links them to the page that says more. */
const KNOWN = WORDS.flatMap(([cell]) => /^\[(.+)\]\(.+\)$/.exec(cell!)?.[1]!.split(', ') ?? []);
const FORBIDDEN = rowsOf((heading) => heading === 'Words not used').flatMap(([words]) => words!.split(', '));

/** Whole words, in the plural too, whatever their case. */
function finds(text: string, words: string): boolean {
  return new RegExp(`(?<![\\w-])${words}s?(?![\\w-])`, 'i').test(text);
}

describe('the glossary', () => {
  test('gives every word one meaning and a page that says more', () => {
    expect(WORDS.length).toBeGreaterThan(40);
    expect(WORDS.filter((cells) => cells.length !== 2 || cells[1] === '' || !/^\[.+\]\(.+\)$/.test(cells[0]!))).toEqual(
      [],
    );
    expect(KNOWN.filter((word, index) => KNOWN.indexOf(word) !== index)).toEqual([]);
  });

  test('says another word for each that is not used', () => {
    const known = new Set(KNOWN);
    const said = rowsOf((heading) => heading === 'Words not used').map(([, say]) => say!);
    expect(said.filter((word) => !known.has(word) && word !== 'dead-letters topic')).toEqual([]);
  });
});

describe('a page', () => {
  test.each(PAGES.filter((page) => page !== GLOSSARY))('%s uses no word that has a word of ours', (page) => {
    const text = textOf(page);
    expect(FORBIDDEN.length).toBeGreaterThan(10);
    expect(FORBIDDEN.filter((words) => finds(text, words))).toEqual([]);
  });

  test.each(PAGES.filter((page) => page !== 'README.md'))('%s says in its first line who it is for', (page) => {
    const first = prose(textOf(page))
      .split('\n')
      .slice(1)
      .find((line) => line.trim() !== '' && !line.startsWith('<!--'));
    expect(first).toMatch(/^\*For whoever /);
  });
});

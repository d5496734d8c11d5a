import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { anchorsOf, brokenLink, filesUnder, prose, textOf } from './pages.js';

const PAGES = ['README.md', 'CHANGELOG.md', 'models/README.md', ...filesUnder('docs', ['.md'])];
/** Where code, alerts and examples name a page. */
const MENTIONING = [
  ...filesUnder('src', ['.ts']),
  ...filesUnder('test', ['.ts', '.py', '.mjs']),
  ...filesUnder('scripts', ['.mjs', '.py']),
  ...filesUnder('docker', ['.yml', '.yaml', '.json']),
  ...filesUnder('docs/examples', ['.yaml']),
].filter((path) => !path.startsWith('test/docs/'));

describe('links', () => {
  test.each(PAGES)('every link and anchor of %s leads somewhere', (page) => {
    const links = [...prose(textOf(page)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
    expect(links.flatMap((target) => brokenLink(page, target) ?? [])).toEqual([]);
  });

  test('lead to every page from another one', () => {
    const linked = new Set(
      PAGES.flatMap((page) =>
        [...prose(textOf(page)).matchAll(/\]\(([^)\s#]+)[^)\s]*\)/g)]
          .map(([, target]) => normalize(join(dirname(page), target!)))
          .filter((target) => target !== page),
      ),
    );
    expect(PAGES.filter((page) => page.startsWith('docs/') && !linked.has(page))).toEqual([]);
  });

  test('every page that code, tests, alerts and examples name is there, with its heading', () => {
    const broken = MENTIONING.flatMap((file) =>
      [...textOf(file).matchAll(/\bdocs\/[\w/.-]+\.(?:md|json|yaml)(?:#[\w-]+(?![\w$-]))?/g)].flatMap(
        ([mention]) => brokenLink('README.md', mention) ?? [],
      ),
    );
    expect(broken).toEqual([]);
  });

  test('an anchor is the heading as GitHub writes it', () => {
    expect([...anchorsOf("# What's new?\n```\n# not this\n```\n## Two – words `a_b`")]).toEqual([
      'whats-new',
      'two--words-a_b',
    ]);
    expect(brokenLink('README.md', 'docs/reference/errors.md#no-such-heading')).toBe(
      'README.md: no heading docs/reference/errors.md#no-such-heading',
    );
    expect(brokenLink('README.md', 'docs/no-such-page.md')).toBe('README.md: no file docs/no-such-page.md');
  });
});

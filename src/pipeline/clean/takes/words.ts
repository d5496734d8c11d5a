import { readableText } from '../text.js';

/** Scripts that are written without spaces between words, and what stands among their letters. */
const UNSPACED =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}ー\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}';
const LETTER = `(?:(?![${UNSPACED}])[\\p{L}\\p{M}\\p{N}])`;
/** A point between digits and an apostrophe between letters do not end a word. */
const WITHIN = `(?:(?<=\\p{N})[.,](?=\\p{N})|(?<=\\p{L})'(?=\\p{L}))`;
const WORD = new RegExp(`([${UNSPACED}]+)|${LETTER}(?:${LETTER}|${WITHIN})*`, 'gu');
const MARK = /\p{M}/u;
/** Characters of a text that count. */
const LONGEST = 16_384;

/**
 * The words of a text in one form: Unicode NFKC, lower-case, typographic apostrophes straight. Where words are written
 * without spaces (Chinese, Japanese, Thai, …) every two neighbouring characters are one, as Lucene's CJKBigramFilter has it,
 * and a character alone is one by itself.
 */
export function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  for (const [word, run] of runsOf(text)) {
    if (run === undefined) {
      words.push(word);
      continue;
    }
    const characters = [...run];
    if (characters.length === 1) words.push(run);
    for (let i = 1; i < characters.length; i++) words.push(characters[i - 1]! + characters[i]!);
  }
  return words;
}

/** How many words a text has; where they are written without spaces, how many characters (marks on them do not count). */
export function countWords(text: string): number {
  let count = 0;
  for (const [, run] of runsOf(text))
    count += run === undefined ? 1 : [...run].filter((character) => !MARK.test(character)).length;
  return count;
}

/** The runs of `n` characters of each word of a text, a shorter word being one; words without spaces as {@link wordsOf}. */
export function gramsOf(text: string, n: number): readonly string[] {
  const grams: string[] = [];
  for (const [word, run] of runsOf(text)) {
    const characters = [...word];
    const length = run === undefined ? n : 2;
    if (characters.length <= length) grams.push(word);
    else for (let i = length; i <= characters.length; i++) grams.push(characters.slice(i - length, i).join(''));
  }
  return grams;
}

function runsOf(text: string): Iterable<RegExpMatchArray> {
  const readable = readableText(text.slice(0, LONGEST));
  return readable.normalize('NFKC').toLowerCase().replaceAll('’', "'").matchAll(WORD);
}

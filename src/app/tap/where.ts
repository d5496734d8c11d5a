import { SluiceError } from '../../errors.js';

/** A record as a tap shows it: one level, no raw ids of people. */
export type Tapped = Readonly<Record<string, unknown>>;

const TERM = /^\s*([A-Za-z][A-Za-z0-9]*)\s*(=|!=|>=|<=|>|<)\s*(?:'([^']*)'|(\S+))\s*$/;

/**
 * Compiles `label = 1 and inclusionProbability < 0.2`: comparisons of a field with a number or a text, all of which must
 * hold. A text with spaces stands in quotes; a field that is not there, or null, equals `null` and is neither more nor less.
 * @throws tap-unusable with the part that is not understood
 */
export function compileWhere(text: string): (record: Tapped) => boolean {
  if (text.trim() === '') return () => true;
  const tests = text.split(/\s+and\s+/i).map(compileTerm);
  return (record) => tests.every((test) => test(record));
}

function compileTerm(term: string): (record: Tapped) => boolean {
  const parts = TERM.exec(term);
  if (!parts)
    throw new SluiceError('tap-unusable', {
      why: `does not understand ${JSON.stringify(term.trim())}: expected FIELD = VALUE, also !=, >, >=, <, <=, joined by and`,
    });
  const [, field, operator, quoted, bare] = parts;
  const wanted = quoted ?? bare!;
  const number = quoted === undefined ? Number(wanted) : Number.NaN;
  return (record) => {
    const value = record[field!] ?? null;
    const isSame = String(value) === wanted || (typeof value === 'number' && value === number);
    if (operator === '=') return isSame;
    if (operator === '!=') return !isSame;
    if (typeof value !== 'number' || Number.isNaN(number)) return false;
    if (operator === '>') return value > number;
    if (operator === '>=') return value >= number;
    return operator === '<' ? value < number : value <= number;
  };
}

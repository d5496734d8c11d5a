import { parseIsoMs } from '../events/iso-time.js';
import { compileZoneOffset } from '../events/zones.js';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
type Field = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'fraction' | 'half' | 'offset';

/** The letters of a pattern (Unicode's, as Java and most libraries use them) with what they match. */
const LETTERS: readonly (readonly [letters: string, matches: string, field: Field | null])[] = [
  ['yyyy', String.raw`\d{4}`, 'year'],
  ['yy', String.raw`\d{2}`, 'year'],
  ['MMMM', String.raw`[A-Za-z]{3,9}`, 'month'],
  ['MMM', String.raw`[A-Za-z]{3,4}\.?`, 'month'],
  ['MM', String.raw`\d{2}`, 'month'],
  ['M', String.raw`\d{1,2}`, 'month'],
  ['dd', String.raw`\d{2}`, 'day'],
  ['d', String.raw`\d{1,2}`, 'day'],
  ['EEEE', '[A-Za-z]+', null],
  ['EEE', String.raw`[A-Za-z]{3}\.?`, null],
  ['HH', String.raw`\d{2}`, 'hour'],
  ['H', String.raw`\d{1,2}`, 'hour'],
  ['hh', String.raw`\d{2}`, 'hour'],
  ['h', String.raw`\d{1,2}`, 'hour'],
  ['mm', String.raw`\d{2}`, 'minute'],
  ['m', String.raw`\d{1,2}`, 'minute'],
  ['ss', String.raw`\d{2}`, 'second'],
  ['s', String.raw`\d{1,2}`, 'second'],
  ['S+', String.raw`\d+`, 'fraction'],
  ['a', String.raw`[AaPp]\.?[Mm]\.?`, 'half'],
  ['[ZXx]+|z', String.raw`Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?`, 'offset'],
];
const TOKEN = new RegExp(`'((?:[^']|'')*)'|${LETTERS.map(([letters]) => letters).join('|')}|[A-Za-z]+|[^A-Za-z']`, 'g');
const OF_LETTERS = LETTERS.map(([letters, ...rest]) => [new RegExp(`^(?:${letters})$`), ...rest] as const);

/** Letters of a pattern that mean nothing; undefined: all do. */
export function unknownLetters(pattern: string): string | undefined {
  return [...pattern.matchAll(TOKEN)]
    .filter(([token, quoted]) => quoted === undefined && /^[A-Za-z]/.test(token))
    .find(([token]) => !OF_LETTERS.some(([letters]) => letters.test(token)))?.[0];
}

/** Compiles a pattern like `dd/MM/yyyy HH:mm`. @param zone IANA name or offset for texts that say none; default UTC */
export function compileTimeFormat(pattern: string, zone = 'UTC'): (text: string) => number | undefined {
  const fields: (Field | null)[] = [];
  const source = [...pattern.matchAll(TOKEN)].map(([token, quoted]) => {
    if (quoted !== undefined) return escaped(quoted.replaceAll("''", "'"));
    const known = OF_LETTERS.find(([letters]) => letters.test(token));
    if (!known) return /\s/.test(token) ? String.raw`\s+` : escaped(token);
    fields.push(known[2]);
    return `(${known[1]})`;
  });
  const toMoment = compileZone(zone);
  const whole = new RegExp(`^\\s*${source.join('').replace(/(?:\\s\+)+/g, String.raw`\s+`)}\\s*$`);
  return (text) => {
    const match = whole.exec(text);
    if (!match) return undefined;
    const found: Partial<Record<Field, string>> = {};
    fields.forEach((field, at) => {
      if (field) found[field] = match[at + 1]!;
    });
    return timeOf(found, toMoment);
  };
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

function timeOf(found: Partial<Record<Field, string>>, toMoment: (localMs: number) => number): number | undefined {
  const { year = '1970', month = '1', day = '1', minute = '0', second = '0', fraction = '', offset } = found;
  const monthNumber = /\d/.test(month) ? Number(month) : MONTHS.indexOf(month.slice(0, 3).toLowerCase()) + 1;
  const hour = hourOf(found);
  if (monthNumber === 0 || hour === undefined) return undefined;
  const years = year.length === 2 ? (Number(year) < 70 ? `20${year}` : `19${year}`) : year;
  const [mo, d, h, mi, s] = [monthNumber, day, hour, minute, second].map((part) => String(part).padStart(2, '0'));
  const local = `${years}-${mo}-${d}T${h}:${mi}:${s}.${fraction.slice(0, 3).padEnd(3, '0')}`;
  if (offset !== undefined) return parseIsoMs(local + (/^(Z|UTC|GMT)$/.test(offset) ? 'Z' : offset));
  const localMs = parseIsoMs(local);
  return localMs === undefined ? undefined : toMoment(localMs);
}

function hourOf({ hour = '0', half }: Partial<Record<Field, string>>): number | undefined {
  const number = Number(hour);
  if (half === undefined) return number;
  if (number < 1 || number > 12) return undefined;
  return (number % 12) + (/^p/i.test(half) ? 12 : 0);
}

const DAY_MS = 86_400_000;

/**
 * The moment at which clocks of a zone show what UTC shows at a time. A time that they skip is taken as if they had not yet
 * been put forward; of one that they show twice, the first.
 */
export function compileZone(zone: string): (localMs: number) => number {
  if (zone === 'UTC') return (localMs) => localMs;
  const offsetMs = compileZoneOffset(zone);
  return (localMs) => {
    const moments = [localMs - DAY_MS, localMs + DAY_MS].map((ms) => localMs - offsetMs(ms));
    return moments.find((moment) => offsetMs(moment) === localMs - moment) ?? moments[0]!;
  };
}

import type { NumberTake } from '../../../config/declared-schema.js';
import { numberOf } from '../numbers.js';
import type { TimeUnit } from '../time.js';
import { localTake, type LocalTake } from './local-time.js';
import { countWords } from './words.js';

/** The number taken of a value; null: there is none, undefined: the value is of the wrong type. */
export type TakeNumber = (value: unknown) => number | null | undefined;

/** What reads a list of numbers, of at least one. */
const OF_NUMBERS: Readonly<Record<Reduction, (numbers: readonly number[]) => number>> = {
  first: (numbers) => numbers[0]!,
  last: (numbers) => numbers.at(-1)!,
  min: (numbers) => numbers.reduce((least, number) => Math.min(least, number)),
  max: (numbers) => numbers.reduce((most, number) => Math.max(most, number)),
  mean: (numbers) => sumOf(numbers) / numbers.length,
  sum: sumOf,
  norm: (numbers) => Math.sqrt(numbers.reduce((sum, number) => sum + number * number, 0)),
};
type Reduction = Exclude<NumberTake, LocalTake | 'words' | 'size'>;

/** Compiles what is taken of a value that is no number. */
export function numberTake(take: NumberTake, zone: string | undefined, timeUnit: TimeUnit): TakeNumber {
  switch (take) {
    case 'words':
      return (value) => (typeof value === 'string' ? countWords(value) : undefined);
    case 'size':
      return (value) => listOf(value)?.length;
    case 'timeOfDay':
    case 'dayOfWeek':
    case 'dayOfMonth':
    case 'month':
    case 'year':
      return localTake(take, zone, timeUnit);
    default:
      return (value) => {
        const numbers = listOf(typeof value === 'number' ? [value] : value)?.map((entry) => numberOf(entry) ?? NaN);
        if (!numbers || numbers.some((number) => Number.isNaN(number))) return undefined;
        return numbers.length === 0 ? null : OF_NUMBERS[take](numbers);
      };
  }
}

/** True for what is taken of a time. */
export function isLocalTake(take: NumberTake | undefined): take is LocalTake {
  return take !== undefined && !(take in OF_NUMBERS) && take !== 'words' && take !== 'size';
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

/** A list, or the JSON text of one: values of maps of text come so. */
function listOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (value instanceof Float32Array) return [...value];
  if (typeof value !== 'string' || !value.trimStart().startsWith('[')) return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

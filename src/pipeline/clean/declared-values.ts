import type { DeclaredNumber, DeclaredTime } from '../../config/declared-schema.js';
import type { DeclaredOutcome } from '../../events/words.js';
import { numberOf } from './numbers.js';
import { readTimeMs } from './time.js';

/** Most values of one category that count: a tag list of a hundred says little, and costs a counter each. */
const MOST_VALUES = 16;
/** Characters of a category's value that count. */
const MAX_VALUE_LENGTH = 1_024;

const UNIT_MS = { seconds: 1_000, minutes: 60_000, hours: 3_600_000, days: 86_400_000 } as const;
/** The largest number of a row, which is in single precision. */
const MOST_IN_A_ROW = 3.4028234663852886e38;
/** The years 1 to 9999. */
const FARTHEST_TIME_MS = Date.UTC(9999, 11, 31);

/** In place of a value: what should have made it threw. */
export const FAILED = Symbol('failed');

/** Makes a value of a column of what stands in a message. */
export type Parse<T> = (value: unknown, told: Told, eventTimeMs: number) => T;

/** Hears what became of a value. */
export type Told = (outcome: DeclaredOutcome) => void;

/** Reads numbers, booleans and times as their columns hold them. */
export function numberReader(
  feature: DeclaredNumber | DeclaredTime | { readonly kind: 'boolean' },
  timeUnit: Parameters<typeof readTimeMs>[1],
): (value: unknown, told: Told, eventTimeMs: number) => number {
  const parse = parserOf(feature, timeUnit);
  const absent = feature.kind === 'number' ? (feature.missing ?? NaN) : NaN;
  return (value, told, eventTimeMs) => {
    if (value === undefined || value === null || (typeof value === 'string' && value.trim() === '')) {
      told('missing');
      return absent;
    }
    if (value === FAILED) {
      told('failed');
      return absent;
    }
    const number = parse(value, eventTimeMs);
    told(number === undefined ? 'wrong-type' : 'read');
    return number ?? absent;
  };
}

function parserOf(
  feature: DeclaredNumber | DeclaredTime | { readonly kind: 'boolean' },
  timeUnit: Parameters<typeof readTimeMs>[1],
): (value: unknown, eventTimeMs: number) => number | undefined {
  switch (feature.kind) {
    case 'number': {
      const [least, most] = feature.clip ?? [-MOST_IN_A_ROW, MOST_IN_A_ROW];
      return (value) => {
        const number = typeof value === 'boolean' ? Number(value) : numberOf(value);
        if (number === undefined) return undefined;
        const clipped = Math.min(Math.max(number, least), most);
        return feature.log ? Math.sign(clipped) * Math.log1p(Math.abs(clipped)) : clipped;
      };
    }
    case 'boolean':
      return booleanOf;
    case 'time': {
      const unitMs = UNIT_MS[feature.unit];
      return (value, eventTimeMs) => {
        const timeMs = readTimeMs(value, timeUnit);
        return timeMs === undefined || Math.abs(timeMs) > FARTHEST_TIME_MS
          ? undefined
          : (eventTimeMs - timeMs) / unitMs;
      };
    }
  }
}

function booleanOf(value: unknown): number | undefined {
  if (typeof value === 'boolean') return Number(value);
  if (value === 0 || value === 1) return value;
  if (typeof value !== 'string') return undefined;
  switch (value.trim().toLowerCase()) {
    case 'true':
    case 'yes':
    case '1':
      return 1;
    case 'false':
    case 'no':
    case '0':
      return 0;
    default:
      return undefined;
  }
}

/** No value of a category. */
export const NO_VALUES: readonly string[] = Object.freeze([]);

/** One value, or a list of them; texts, numbers and booleans are values, by their text. */
export function categoryValues(value: unknown, told: Told): readonly string[] {
  if (value === undefined || value === null || value === '') {
    told('missing');
    return NO_VALUES;
  }
  if (value === FAILED) {
    told('failed');
    return NO_VALUES;
  }
  const texts: string[] = [];
  for (const entry of Array.isArray(value) ? value : [value]) {
    if (typeof entry !== 'string' && typeof entry !== 'number' && typeof entry !== 'boolean') {
      told('wrong-type');
      return NO_VALUES;
    }
    const text = String(entry).trim().slice(0, MAX_VALUE_LENGTH);
    if (text !== '' && texts.length < MOST_VALUES && !texts.includes(text)) texts.push(text);
  }
  told(texts.length === 0 ? 'missing' : 'read');
  return texts;
}

/** A vector of a given length; null: there is none. */
export function vectorValues(value: unknown, dimension: number, told: Told): Float32Array | null {
  if (value === undefined || value === null) {
    told('missing');
    return null;
  }
  if (value === FAILED) {
    told('failed');
    return null;
  }
  if (!Array.isArray(value) && !(value instanceof Float32Array)) {
    told('wrong-type');
    return null;
  }
  if (value.length !== dimension) {
    told('wrong-size');
    return null;
  }
  const values = new Float32Array(dimension);
  for (let i = 0; i < dimension; i++) {
    const number: unknown = value[i];
    values[i] = typeof number === 'number' ? number : NaN;
    if (!Number.isFinite(values[i])) {
      told('wrong-type');
      return null;
    }
  }
  told('read');
  return values;
}

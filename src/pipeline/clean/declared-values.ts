import type {
  DeclaredBoolean,
  DeclaredCategory,
  DeclaredMatch,
  DeclaredNumber,
  DeclaredTime,
} from '../../config/declared-schema.js';
import type { DeclaredOutcome } from '../../events/words.js';
import { numberOf } from './numbers.js';
import { categoryTake } from './takes/categories.js';
import { numberTake, type TakeNumber } from './takes/numbers.js';
import { isBot } from './takes/user-agent.js';
import { gramsOf, wordsOf } from './takes/words.js';
import { UNIT_MS } from '../units.js';
import { readTimeMs } from './time.js';

/** Most values of one category that count: a tag list of a hundred says little, and costs a counter each. */
const MOST_VALUES = 16;
/** Characters of a category's value that count. */
const MAX_VALUE_LENGTH = 1_024;

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
  feature: DeclaredNumber | DeclaredTime | DeclaredBoolean,
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
    told(number === undefined ? 'wrong-type' : number === null ? 'missing' : 'read');
    return number ?? absent;
  };
}

function parserOf(
  feature: DeclaredNumber | DeclaredTime | DeclaredBoolean,
  timeUnit: Parameters<typeof readTimeMs>[1],
): (value: unknown, eventTimeMs: number) => number | null | undefined {
  switch (feature.kind) {
    case 'number': {
      const { take, zone, log } = feature;
      const [least, most] = feature.clip ?? [-MOST_IN_A_ROW, MOST_IN_A_ROW];
      const [zero, one] = feature.scale ?? [0, 1];
      const bent = (number: number): number => (log ? Math.sign(number) * Math.log1p(Math.abs(number)) : number);
      const [from, length] = [bent(zero), bent(one) - bent(zero)];
      const read: TakeNumber = take ? numberTake(take, zone, timeUnit) : plainNumber;
      return (value) => {
        const number = read(value);
        if (number === undefined || number === null) return number;
        const made = bent(Math.min(Math.max(number, least), most));
        return feature.scale ? Math.min(Math.max((made - from) / length, -MOST_IN_A_ROW), MOST_IN_A_ROW) : made;
      };
    }
    case 'boolean':
      return feature.take === 'bot'
        ? (value) => (typeof value === 'string' ? Number(isBot(value.slice(0, MAX_VALUE_LENGTH))) : undefined)
        : booleanOf;
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

function plainNumber(value: unknown): number | undefined {
  return typeof value === 'boolean' ? Number(value) : numberOf(value);
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
function categoryValues(value: unknown, told: Told): readonly string[] {
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

/** Reads a category, or what is taken of one. */
export function categoryReader({ take, internal }: DeclaredCategory): Parse<readonly string[]> {
  if (!take) return categoryValues;
  const of = categoryTake(take, internal);
  return (value, told) => {
    if (typeof value === 'string' && value.trim() !== '') {
      told('read');
      return [of(value)];
    }
    if (typeof value === 'string') told('missing');
    else told(value === undefined || value === null ? 'missing' : value === FAILED ? 'failed' : 'wrong-type');
    return NO_VALUES;
  };
}

/** Tells of a value that is not there, or whose plugin failed. */
function isAbsent(value: unknown, told: Told): boolean {
  if (value === undefined || value === null) told('missing');
  else if (value === FAILED) told('failed');
  else return false;
  return true;
}

/** Reads a text, or a list of texts, as the words or runs of letters that it is compared by; null: there is none. */
export function textReader({ by, n }: DeclaredMatch): Parse<readonly string[] | null> {
  const split = by === 'ngrams' ? (text: string) => gramsOf(text, n) : wordsOf;
  return (value, told) => {
    if (isAbsent(value, told)) return null;
    const texts: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (!texts.every((text) => typeof text === 'string' || typeof text === 'number')) {
      told('wrong-type');
      return null;
    }
    const words = texts.flatMap((text) => split(String(text)));
    told(words.length === 0 ? 'missing' : 'read');
    return words.length === 0 ? null : words;
  };
}

/** A vector of a given length; null: there is none. */
export function vectorValues(value: unknown, dimension: number, told: Told): Float32Array | null {
  if (isAbsent(value, told)) return null;
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

import type { DeclaredFeature, DeclaredNumber, DeclaredTime } from '../../config/declared-schema.js';
import { DECLARED_OUTCOMES, type DeclaredOutcome } from '../../events/words.js';
import { messageOf, SluiceError } from '../../errors.js';
import { declaredCategories, declaredNumbers, declaredVectors, type Declared } from '../declared.js';
import { isOwnName, type OwnName } from '../../events/own-name.js';
import { compileMessagePath, type Look } from './message-path.js';
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

/** What plugins make of a message, by name, and who hears of what one throws. */
export interface OwnValues {
  readonly values: ReadonlyMap<OwnName, (item: Raw, list: Raw) => unknown>;
  failed(name: OwnName, why: string): void;
}
type Raw = Readonly<Record<string, unknown>>;

/** In place of a value: what should have made it threw. */
const FAILED = Symbol('failed');

/**
 * Reads the declared features out of the messages of a process. A value that is absent is missing; one of the wrong type or
 * size is missing, too, and counted, and so is one that a plugin throws at: none refuses an item.
 */
export class DeclaredReader {
  /** How often each outcome came, by feature: [feature][outcome], since the process began. */
  readonly outcomes: ReadonlyMap<string, Record<DeclaredOutcome, number>>;
  private readonly numbers: readonly Reader<number>[];
  private readonly categories: readonly Reader<readonly string[]>[];
  private readonly vectors: readonly Reader<Float32Array | null>[];
  private readonly queryVectors: readonly Reader<Float32Array | null>[];

  /**
   * @param features at least one
   * @param timeUnit `clean.timeUnit`: how times that are numbers are read
   * @param own for features that come from a plugin
   * @throws SluiceError `config-invalid` for one that no plugin defines
   */
  constructor(features: readonly DeclaredFeature[], timeUnit: Parameters<typeof readTimeMs>[1], own?: OwnValues) {
    this.outcomes = new Map(features.map(({ name }) => [name, zeroOutcomes()]));
    const tell = (name: string): ((outcome: DeclaredOutcome) => void) => {
      const counts = this.outcomes.get(name)!;
      return (outcome) => void counts[outcome]++;
    };
    const reader = <T>(name: string, from: string, parse: Parse<T>, told = tell(name)): Reader<T> => {
      const look = lookOf(from, own);
      return isOfItem(from)
        ? (list, item, eventTimeMs) => parse(look(list, item), told, eventTimeMs)
        : oncePerList(look, parse, told);
    };
    this.numbers = declaredNumbers(features).map((feature) =>
      reader(feature.name, feature.from, numberReader(feature, timeUnit)),
    );
    this.categories = declaredCategories(features).map(({ name, from }) => reader(name, from, categoryValues));
    const vectorOf =
      (dimension: number): Parse<Float32Array | null> =>
      (value, told) =>
        vectorValues(value, dimension, told);
    this.vectors = declaredVectors(features).map(({ name, from, dimension }) =>
      reader(name, from, vectorOf(dimension)),
    );
    this.queryVectors = declaredVectors(features).map(({ name, query, dimension }) => {
      if (query === undefined) return () => null;
      const told = tell(name);
      // Read or missing, the vector of the item itself says so; what is wrong with this one must be seen, too.
      return reader(name, query, vectorOf(dimension), (outcome) => {
        if (outcome === 'wrong-type' || outcome === 'wrong-size') told(outcome);
      });
    });
  }

  /** The declared features of one item of a list. */
  read(list: object, item: object, eventTimeMs: number): Declared {
    const { numbers } = this;
    const read = new Float64Array(numbers.length);
    for (let at = 0; at < read.length; at++) read[at] = numbers[at]!(list, item, eventTimeMs);
    const of = <T>(readers: readonly Reader<T>[]): readonly T[] =>
      readers.map((reader) => reader(list, item, eventTimeMs));
    return {
      numbers: read,
      categories: of(this.categories),
      vectors: of(this.vectors),
      queryVectors: of(this.queryVectors),
    };
  }
}

type Reader<T> = (list: object, item: object, eventTimeMs: number) => T;
type Parse<T> = (value: unknown, told: Told, eventTimeMs: number) => T;

/** True where each item of a list may have a value of its own. */
function isOfItem(from: string): boolean {
  return from.startsWith('items.') || isOwnName(from);
}

/** Reads a value of the list itself once for all of its items; each of them counts. */
function oncePerList<T>(look: Look, parse: Parse<T>, told: Told): Reader<T> {
  let last: { readonly list: object; readonly value: T; readonly outcome: DeclaredOutcome } | undefined;
  return (list, item, eventTimeMs) => {
    if (last?.list !== list) {
      let outcome: DeclaredOutcome = 'missing';
      const value = parse(look(list, item), (one) => (outcome = one), eventTimeMs);
      last = { list, value, outcome };
    }
    told(last.outcome);
    return last.value;
  };
}

/** Finds a value by a path, or has a plugin make it. */
function lookOf(from: string, own: OwnValues | undefined): Look {
  if (!isOwnName(from)) return compileMessagePath(from);
  const make = own?.values.get(from);
  if (!own || !make)
    throw new SluiceError('config-invalid', { problems: `features.declared: from ${from}: no plugin defines it` });
  return (list, item) => {
    try {
      const value = make(item as Raw, list as Raw);
      return Number.isNaN(value) ? undefined : value;
    } catch (thrown) {
      own.failed(from, messageOf(thrown));
      return FAILED;
    }
  };
}

type Told = (outcome: DeclaredOutcome) => void;

function numberReader(
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

const NO_VALUES: readonly string[] = Object.freeze([]);

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

function vectorValues(value: unknown, dimension: number, told: Told): Float32Array | null {
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

function zeroOutcomes(): Record<DeclaredOutcome, number> {
  return Object.fromEntries(DECLARED_OUTCOMES.map((outcome) => [outcome, 0])) as Record<DeclaredOutcome, number>;
}

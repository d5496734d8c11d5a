import type { DeclaredFeature } from '../../config/declared-schema.js';
import { interactionPathOf } from '../../events/interaction-path.js';
import { DECLARED_OUTCOMES, type DeclaredOutcome } from '../../events/words.js';
import { messageOf, SluiceError } from '../../errors.js';
import {
  attributeFeatures,
  comparedWith,
  declaredCategories,
  declaredMatches,
  declaredNumbers,
  declaredVectors,
  queryColumn,
  type Declared,
  type UserAttribute,
} from '../declared.js';
import { isOwnName, type OwnName } from '../../events/own-name.js';
import { compileMessagePath, type Look } from './message-path.js';
import {
  categoryReader,
  FAILED,
  NO_VALUES,
  numberReader,
  type Parse,
  textReader,
  type Told,
  vectorValues,
} from './declared-values.js';
import type { TablePlaces, ValueOf } from './table-places.js';
import type { readTimeMs } from './time.js';

/** What plugins make of a message, by name, and who hears of what one throws. */
export interface OwnValues {
  readonly values: ReadonlyMap<OwnName, (item: Raw, list: Raw) => unknown>;
  failed(name: OwnName, why: string): void;
}
type Raw = Readonly<Record<string, unknown>>;

/**
 * Reads the declared features out of the messages of a process. A value that is absent is missing; one of the wrong type or
 * size is missing, too, and counted, and so is one that a plugin throws at: none refuses an item.
 */
export class DeclaredReader {
  /** How often each outcome came, by feature (of a vector to compare with by its column): [feature][outcome], since the process began. */
  readonly outcomes: ReadonlyMap<string, Record<DeclaredOutcome, number>>;
  private readonly numbers: readonly Reader<number>[];
  private readonly categories: readonly Reader<readonly string[]>[];
  private readonly vectors: readonly Reader<Float32Array | null>[];
  private readonly queryVectors: readonly Reader<Float32Array | null>[];
  private readonly texts: readonly Reader<readonly string[] | null>[];
  private readonly queryTexts: readonly Reader<readonly string[] | null>[];
  private readonly ofInteractions: readonly ((
    interaction: object,
    eventTimeMs: number,
  ) => UserAttribute['value'] | undefined)[];
  private readonly ofTables: ((declared: Filled, valueOf: ValueOf, eventTimeMs: number) => void)[] = [];

  /**
   * @param features at least one
   * @param timeUnit `clean.timeUnit`: how times that are numbers are read
   * @param own for features that come from a plugin
   * @param places of the fields of tables, which are read at the turn of the list: {@link fromTables}
   * @throws SluiceError `config-invalid` for one that no plugin defines
   */
  constructor(
    features: readonly DeclaredFeature[],
    timeUnit: Parameters<typeof readTimeMs>[1],
    own?: OwnValues,
    places?: TablePlaces,
  ) {
    this.outcomes = new Map(
      features
        .flatMap((feature) =>
          // What it is compared with is another value than that of the item, and has outcomes of its own.
          comparedWith(feature) === undefined ? [feature.name] : [feature.name, queryColumn(feature.name)],
        )
        .map((name) => [name, zeroOutcomes()]),
    );
    const tell = (name: string): ((outcome: DeclaredOutcome) => void) => {
      const counts = this.outcomes.get(name)!;
      return (outcome) => void counts[outcome]++;
    };
    const reader = <T>(
      { name, from }: { readonly name: string; readonly from: string },
      into: (declared: Filled) => Record<number, T>,
      at: number,
      { parse, none }: { readonly parse: Parse<T>; readonly none: T },
    ): Reader<T> => {
      const told = tell(name);
      if (interactionPathOf(from) !== undefined) return () => none;
      const place = places?.(from);
      if (place) {
        this.ofTables.push((declared, valueOf, eventTimeMs) => {
          into(declared)[at] = parse(valueOf(place.table, place.field), told, eventTimeMs);
        });
        return () => none;
      }
      const look = lookOf(from, own);
      return isOfItem(from)
        ? (list, item, eventTimeMs) => parse(look(list, item), told, eventTimeMs)
        : oncePerList(look, parse, told);
    };
    this.numbers = declaredNumbers(features).map((feature, at) =>
      reader(feature, ({ numbers }) => numbers, at, {
        parse: numberReader(feature, timeUnit),
        none: feature.kind === 'number' ? (feature.missing ?? NaN) : NaN,
      }),
    );
    this.categories = declaredCategories(features).map((feature, at) =>
      reader(feature, ({ categories }) => categories, at, { parse: categoryReader(feature), none: NO_VALUES }),
    );
    const vectorOf =
      (dimension: number): Parse<Float32Array | null> =>
      (value, told) =>
        vectorValues(value, dimension, told);
    this.vectors = declaredVectors(features).map((feature, at) =>
      reader(feature, ({ vectors }) => vectors, at, { parse: vectorOf(feature.dimension), none: null }),
    );
    this.queryVectors = declaredVectors(features).map(({ name, as, query, dimension }, at) => {
      if (!as.includes('query')) return () => null;
      const compared = { name: queryColumn(name), from: query };
      return reader(compared, (filled) => filled.queryVectors, at, { parse: vectorOf(dimension), none: null });
    });
    this.ofInteractions = attributeFeatures(features).map((feature) => {
      const look = compileMessagePath(interactionPathOf(feature.from)!);
      const parse: Parse<UserAttribute['value']> =
        feature.kind === 'category' ? categoryReader(feature) : numberReader(feature, timeUnit);
      const told = tell(feature.name);
      return (interaction, eventTimeMs) => {
        let isRead = false;
        const hear: Told = (outcome) => {
          isRead = outcome === 'read';
          told(outcome);
        };
        const value = parse(look(interaction, interaction), hear, eventTimeMs);
        return isRead ? value : undefined;
      };
    });
    const matches = declaredMatches(features);
    this.texts = matches.map((feature, at) =>
      reader(feature, (filled) => filled.texts, at, { parse: textReader(feature), none: null }),
    );
    this.queryTexts = matches.map((feature, at) => {
      const compared = { name: queryColumn(feature.name), from: feature.with };
      return reader(compared, (filled) => filled.queryTexts, at, { parse: textReader(feature), none: null });
    });
  }

  /** True where interactions bring attributes of users. */
  get readsInteractions(): boolean {
    return this.ofInteractions.length > 0;
  }

  /** The attributes of its user that an interaction brings. */
  readInteraction(interaction: object, eventTimeMs: number): readonly UserAttribute[] {
    return this.ofInteractions.flatMap((read, at) => {
      const value = read(interaction, eventTimeMs);
      return value === undefined ? [] : [{ at, value }];
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
      texts: of(this.texts),
      queryTexts: of(this.queryTexts),
    };
  }

  /** The same with those that are fields of tables, which were missing until then. */
  fromTables(read: Declared, valueOf: ValueOf, eventTimeMs: number): Declared {
    if (this.ofTables.length === 0) return read;
    const filled: Filled = {
      numbers: read.numbers.slice(),
      categories: [...read.categories],
      vectors: [...read.vectors],
      queryVectors: [...read.queryVectors],
      texts: [...read.texts],
      queryTexts: [...read.queryTexts],
    };
    for (const fill of this.ofTables) fill(filled, valueOf, eventTimeMs);
    return filled;
  }
}

/** Declared features whose values may still be put in. */
interface Filled {
  readonly numbers: Float64Array;
  readonly categories: (readonly string[])[];
  readonly vectors: (Float32Array | null)[];
  readonly queryVectors: (Float32Array | null)[];
  readonly texts: (readonly string[] | null)[];
  readonly queryTexts: (readonly string[] | null)[];
}

type Reader<T> = (list: object, item: object, eventTimeMs: number) => T;

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

function zeroOutcomes(): Record<DeclaredOutcome, number> {
  return Object.fromEntries(DECLARED_OUTCOMES.map((outcome) => [outcome, 0])) as Record<DeclaredOutcome, number>;
}

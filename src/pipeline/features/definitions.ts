import type { CleanItem, CleanList } from '../admitted.js';
import type { Family, FeatureSettings } from './family.js';
import type { ClickedKey, KeyName, MomentOf, OwnKind, ShownKey } from './key-kinds.js';
import type { KeyedTable } from './keyed-table.js';
import type { ListKeys } from './list-keys.js';
import type { Moment } from './moments.js';
import type { Observed } from './own-average.js';
import type { Values } from './values.js';

/** How the value of a column is had. */
export type Definition =
  | { readonly is: 'item'; readonly value: (item: CleanItem, keys: ListKeys, i: number) => number }
  | { readonly is: 'list'; readonly value: (list: CleanList, keys: ListKeys) => number }
  | {
      readonly is: 'rate';
      readonly of: KeyName | OwnKind;
      readonly halfLife: HalfLife;
      readonly towards: Definition | null;
      /** Absent: clicks over impressions. */
      readonly pair?: Pair;
    }
  | {
      readonly is: 'count';
      readonly of: KeyName | OwnKind;
      readonly moment: Moment;
      readonly halfLife: HalfLife | null;
    }
  | { readonly is: 'window'; readonly of: KeyName | OwnKind; readonly moment: Moment; readonly windowMs: number | null }
  | { readonly is: 'average'; readonly of: KeyName; readonly what: Averaged }
  | { readonly is: 'mean'; readonly of: OwnKind; readonly what: Observed }
  | ({ readonly is: 'since'; readonly of: KeyName | OwnKind; readonly which: 'first' | 'last' } & SinceFacts)
  | { readonly is: 'ratio'; readonly value: Definition; readonly over: Definition }
  | { readonly is: 'likeness'; readonly value: Definition; readonly to: Definition }
  | { readonly is: 'difference'; readonly value: Definition; readonly less: Definition }
  | { readonly is: 'toList'; readonly value: Definition; readonly plus: 0 | 1 }
  | { readonly is: 'lessList'; readonly value: Definition }
  | { readonly is: 'rankInList'; readonly value: Definition }
  | { readonly is: 'lessMedian'; readonly value: Definition; readonly top: number }
  | { readonly is: 'inRange'; readonly value: Definition; readonly top: number }
  | { readonly is: 'part'; readonly of: MakeFamily<ColumnFamily<never>>; readonly name: string };

/** What a rate counts, above the line and below it. */
export interface Pair {
  readonly of: Moment;
  readonly over: Moment;
  /** Absent: `features.smoothing`. */
  readonly smoothing?: number;
}

interface SinceFacts {
  readonly moments: readonly Moment[];
  readonly unitMs: number;
  readonly otherwise: number;
}

/** A family with columns that no other kind of definition gives. */
export interface ColumnFamily<Name extends string> extends Family {
  /** Values of a column for each item of the list located last; asked for once a column, before the first list. */
  values(name: Name): Values;
}

/** Makes a family out of the parts it needs; at most one of each is made. */
export type MakeFamily<Made extends Family> = (builder: Builder) => Made;

/** Hands out the parts that columns are made of, each made when it is first asked for: what nobody asks for is not kept. */
export interface Builder {
  readonly settings: FeatureSettings;
  /** Keys of the list located last. */
  readonly keys: ListKeys;
  /** Keys of the interaction or click under way. */
  readonly event: ListKeys;
  table(kind: KeyName | OwnKind): KeyedTable;
  /** A table whose entries the asking family finds itself. */
  store(name: string): KeyedTable;
  family<Made extends Family>(make: MakeFamily<Made>): Made;
  values(definition: Definition): Values;
  /** Adds values that are computed after all those asked for before. */
  add(values: Values): Values;
}

/** `features.shortHalfLifeMs`, `features.longHalfLifeMs`, or so many ms. */
export type HalfLife = 'short' | 'long' | number;

/** What a moving average may be taken of. */
export type Averaged = 'position' | 'price';

/** A number of the item itself. */
export const ofItem = (value: (item: CleanItem, keys: ListKeys, i: number) => number): Definition => ({
  is: 'item',
  value,
});

/** A number of the list itself. */
export const ofList = (value: (list: CleanList, keys: ListKeys) => number): Definition => ({ is: 'list', value });

/** (clicks + k·prior) / (impressions + k), both decayed; the prior of the surface itself is a constant: null. */
export const rate = (
  of: ClickedKey & ShownKey,
  halfLife: HalfLife,
  towards: Definition | null = SURFACE_RATE,
): Definition => ({ is: 'rate', of, halfLife, towards });

/** How often something happened under a key, decayed at a half-life; null: not decayed. */
export const count = <Key extends KeyName>(
  of: Key,
  moment: MomentOf<Key>,
  halfLife: HalfLife | null = null,
): Definition => ({
  is: 'count',
  of,
  moment,
  halfLife,
});

/** How often something happened in the sliding window of one short half-life. */
export const windowCount = (of: ClickedKey & ShownKey, moment: 'shown' | 'clicked'): Definition => ({
  is: 'window',
  of,
  moment,
  windowMs: null,
});

/** Moving average over the showings under a key; missing before the first. */
export const average = (of: ShownKey, what: Averaged): Definition => ({ is: 'average', of, what });

/** Time since something first happened under a key; `otherwise` before it did. */
export const sinceFirst = <Key extends KeyName>(
  of: Key,
  moments: readonly MomentOf<Key>[],
  unitMs: number,
  otherwise: number,
): Definition => ({ is: 'since', which: 'first', of, moments, unitMs, otherwise });

/** Time since something last happened under a key; missing before it did. */
export const sinceLast = <Key extends KeyName>(of: Key, moment: MomentOf<Key>, unitMs: number): Definition => ({
  is: 'since',
  which: 'last',
  of,
  moments: [moment],
  unitMs,
  otherwise: NaN,
});

/** One over the other; missing unless that one is over 0. */
export const ratio = (value: Definition, over: Definition): Definition => ({ is: 'ratio', value, over });

/** Lower over higher: 1 the same. */
export const likeness = (value: Definition, to: Definition): Definition => ({ is: 'likeness', value, to });

export const difference = (value: Definition, less: Definition): Definition => ({ is: 'difference', value, less });

/** Over the mean of the list, `plus` added to all. */
export const toList = (value: Definition, plus: 0 | 1 = 0): Definition => ({ is: 'toList', value, plus });

/** Less the mean of the list; missing values stay missing and do not count. */
export const lessList = (value: Definition): Definition => ({ is: 'lessList', value });

/** Share of the list's other items with less, in [0, 1]: ties share the lower rank; missing in a list of one. */
export const rankInList = (value: Definition): Definition => ({ is: 'rankInList', value });

/** Less the median of the list's first `top` items. */
export const lessMedian = (value: Definition, top: number): Definition => ({ is: 'lessMedian', value, top });

/** 0 at the least, 1 at the most of the list's first `top` items. */
export const inRange = (value: Definition, top: number): Definition => ({ is: 'inRange', value, top });

/** A column of a family that has a file of its own. */
export const part = <Name extends string>(of: MakeFamily<ColumnFamily<Name>>, name: NoInfer<Name>): Definition => ({
  is: 'part',
  of,
  name,
});

/** What rates are smoothed towards. */
export const SURFACE_RATE: Definition = rate('surface', 'long', null);

import type { CleanList } from '../admitted.js';
import { NO_KEY, type KeyedTable } from './keyed-table.js';
import { rankAmong } from './rank.js';
import type { StateColumn } from './state-column.js';
import { Filled, Values } from './values.js';

/** Click-through assumed of a surface nobody has seen: only the first minutes of a stream rest on it. */
const FIRST_PRIOR = 0.03;

/** (clicks + k·prior) / (impressions + k), each item's prior its own, or of another pair. Missing where an item has no key. */
export class Rate extends Values {
  constructor(
    private readonly table: KeyedTable,
    private readonly shown: StateColumn,
    private readonly clicked: StateColumn,
    private readonly smoothing: number,
    private readonly towards: Values | undefined,
  ) {
    super();
  }

  fill({ items }: CleanList): void {
    const { values, smoothing } = this;
    const { entries } = this.table;
    const shown = this.shown.values;
    const clicked = this.clicked.values;
    const priors = this.towards?.values;
    if (this.table.kind.scope === 'list') {
      const entry = entries[0]!;
      const prior = priors ? priors[0]! : FIRST_PRIOR;
      const known = entry < 0 ? prior : (clicked[entry]! + smoothing * prior) / (shown[entry]! + smoothing);
      values.fill(entry === NO_KEY ? NaN : known, 0, items.length);
      return;
    }
    for (let i = 0; i < items.length; i++) {
      const entry = entries[i]!;
      const prior = priors ? priors[i]! : FIRST_PRIOR;
      if (entry >= 0) values[i] = (clicked[entry]! + smoothing * prior) / (shown[entry]! + smoothing);
      else values[i] = entry === NO_KEY ? NaN : prior;
    }
  }
}

/** What a function makes of an entry of a table; `unknown` where a key was never counted, missing where there is none. */
export function ofEntries(table: KeyedTable, valueOf: (entry: number, nowMs: number) => number, unknown = NaN): Values {
  if (table.kind.scope === 'list')
    return new Filled((values, count, _list, nowMs) => {
      const entry = table.entries[0]!;
      values.fill(entry >= 0 ? valueOf(entry, nowMs) : unknown, 0, count);
    });
  return new Filled((values, count, _list, nowMs) => {
    const { entries } = table;
    for (let i = 0; i < count; i++) {
      const entry = entries[i]!;
      values[i] = entry >= 0 ? valueOf(entry, nowMs) : entry === NO_KEY ? NaN : unknown;
    }
  });
}

/** a/b, or missing where either is missing or b is not over 0. */
export function ratioOf(a: number, b: number): number {
  return b > 0 ? a / b : NaN;
}

/** What a function makes of two values of an item. */
export function ofTwo(a: Values, b: Values, valueOf: (a: number, b: number) => number): Values {
  return new Filled((values, count) => {
    for (let i = 0; i < count; i++) values[i] = valueOf(a.values[i]!, b.values[i]!);
  });
}

// Those below take numbers as the row holds them, in single precision, and sum in double precision.

/** Each value, `plus` added, over the mean of all, `plus` added. */
export function toListMean(of: Values, plus: number): Values {
  return new Filled((values, count) => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += of.values[i]! + plus;
    for (let i = 0; i < count; i++) values[i] = ((Math.fround(of.values[i]!) + plus) * count) / sum;
  });
}

/** Each value less the mean of those that are not missing. */
export function lessListMean(of: Values): Values {
  return new Filled((values, count) => {
    let sum = 0;
    let known = 0;
    for (let i = 0; i < count; i++) {
      const value = Math.fround(of.values[i]!);
      if (value !== value) continue;
      sum += value;
      known++;
    }
    for (let i = 0; i < count; i++) values[i] = Math.fround(of.values[i]!) - sum / known;
  });
}

/** Share of the other items with less, ties on the lower rank; missing in a list of one. */
export function rankInList(of: Values): Values {
  let sorted = new Float32Array(64);
  return new Filled((values, count) => {
    if (count > sorted.length) sorted = new Float32Array(2 * count);
    for (let i = 0; i < count; i++) sorted[i] = of.values[i]!;
    const all = sorted.subarray(0, count).sort();
    for (let i = 0; i < count; i++) values[i] = count > 1 ? rankAmong(all, Math.fround(of.values[i]!)) : NaN;
  });
}

/** Each value less the median of those of the first `top` items that are not missing; of an even number the mean of the middle two. */
export function lessListMedian(of: Values, top: number): Values {
  return new Filled((values, count) => {
    const known = sortedKnown(of, Math.min(count, top));
    const middle = known.length >> 1;
    const median = known.length % 2 === 1 ? known[middle]! : (known[middle - 1]! + known[middle]!) / 2;
    for (let i = 0; i < count; i++) values[i] = Math.fround(of.values[i]!) - median;
  });
}

/** Place of each value between the least and the most of the first `top` items, 0 to 1 for those; missing where they are one. */
export function inListRange(of: Values, top: number): Values {
  return new Filled((values, count) => {
    const known = sortedKnown(of, Math.min(count, top));
    const least = known[0]!;
    const range = known.at(-1)! - least;
    for (let i = 0; i < count; i++) values[i] = range > 0 ? (Math.fround(of.values[i]!) - least) / range : NaN;
  });
}

function sortedKnown(of: Values, count: number): Float32Array {
  return Float32Array.from(of.values.subarray(0, count))
    .filter((value) => value === value)
    .sort();
}

import type { DeclaredCategory } from '../../../config/declared-schema.js';
import type { CleanList } from '../../admitted.js';
import type { Key } from '../../state/keys.js';
import { SURFACE_RATE, type Builder, type ColumnFamily, type MakeFamily } from '../definitions.js';
import { NO_KEY, type KeyedTable } from '../keyed-table.js';
import type { StateColumn } from '../state-column.js';
import { Filled, type Values } from '../values.js';

/**
 * Columns of the declared categories: `rate N`, `shown N` (counters, each name=value by itself) and `hot N B` (whether a
 * value of the Nth category has the hash B). Of several values the rate is the mean and the count the sum.
 */
export const declaredValues =
  (categories: readonly DeclaredCategory[]): MakeFamily<ColumnFamily<string>> =>
  (builder) =>
    new DeclaredValues(builder, categories);

/** The counters of a category, where a column asks for them. */
interface Counted {
  readonly shown: StateColumn;
  readonly clicked: StateColumn;
}

class DeclaredValues implements ColumnFamily<string> {
  /** Keys of the located values, item by item and category by category. */
  private located = new Float64Array(64);
  /** Their entries; {@link NO_KEY} where the category is not counted. */
  private entries = new Int32Array(64);
  /** Where the values of item i and category c end: [i × categories + c]. */
  private ends = new Int32Array(64);
  private end = 0;
  private table: KeyedTable | undefined;
  private prior: Values | undefined;
  private readonly counted = new Map<number, Counted>();
  private shownColumns: readonly StateColumn[] = [];
  private clickedColumns: readonly StateColumn[] = [];
  private readonly spaces: readonly Key[];

  constructor(
    private readonly builder: Builder,
    private readonly categories: readonly DeclaredCategory[],
  ) {
    this.spaces = categories.map(({ name }) => builder.keys.space.declared(name));
  }

  locate({ items }: CleanList, nowMs: number): void {
    const { categories, table } = this;
    this.hold(totalOf(items), items.length * categories.length);
    table?.reserve(totalOf(items));
    this.end = 0;
    for (let i = 0; i < items.length; i++) {
      const keys: Key[] = [];
      for (let c = 0; c < categories.length; c++) {
        const isCounted = this.counted.has(c);
        for (const value of items[i]!.declared?.categories[c] ?? NO_VALUES) {
          const key = this.builder.keys.space.declaredValue(this.spaces[c]!, value);
          if (isCounted) keys.push(key);
          this.located[this.end] = key;
          this.entries[this.end++] = isCounted ? table!.touch(key, nowMs) : NO_KEY;
        }
        this.ends[i * categories.length + c] = this.end;
      }
      this.builder.keys.declared[i] = keys.length > 0 ? keys : null;
    }
  }

  shown(): void {
    const { entries, end } = this;
    for (const { values } of this.shownColumns)
      for (let at = 0; at < end; at++) if (entries[at] !== NO_KEY) values[entries[at]!]! += 1;
    if (this.table?.sharing)
      for (let at = 0; at < end; at++) if (entries[at] !== NO_KEY) this.table.tell('shown', entries[at]!, 1);
  }

  clicked(nowMs: number): void {
    // An impression shown under an earlier declaration may have keys where nothing is counted any more.
    const { table } = this;
    if (!table) return;
    for (const key of this.builder.event.declared[0] ?? NO_KEYS) {
      table.reserve(1);
      const entry = table.touch(key, nowMs);
      for (const { values } of this.clickedColumns) values[entry]! += 1;
      if (table.sharing) table.tell('clicked', entry, 1);
    }
  }

  values(name: string): Values {
    const [what, category, bucket] = name.split(' ');
    const c = Number(category);
    switch (what) {
      case 'rate':
        return this.each(c, this.rateOf(c));
      case 'shown':
        return this.each(c, this.shownOf(c));
      default:
        return this.each(c, this.hotOf(c, Number(bucket)));
    }
  }

  /** A value of each item out of the places [from, to) of its values of a category; missing where there are none. */
  private each(c: number, valueOf: (from: number, to: number) => number): Values {
    const { length } = this.categories;
    return this.builder.add(
      new Filled((values, count) => {
        for (let i = 0; i < count; i++) {
          const at = i * length + c;
          const from = at === 0 ? 0 : this.ends[at - 1]!;
          const to = this.ends[at]!;
          values[i] = from === to ? NaN : valueOf(from, to);
        }
      }),
    );
  }

  /** Mean of (clicks + k·prior) / (impressions + k), the prior being the surface's rate. */
  private rateOf(c: number): (from: number, to: number) => number {
    const { shown, clicked } = this.countersOf(c);
    const prior = (this.prior ??= this.builder.values(SURFACE_RATE));
    const { smoothing } = this.builder.settings.features;
    return (from, to) => {
      let sum = 0;
      for (let at = from; at < to; at++) {
        const entry = this.entries[at]!;
        sum += (clicked.values[entry]! + smoothing * prior.values[0]!) / (shown.values[entry]! + smoothing);
      }
      return sum / (to - from);
    };
  }

  private shownOf(c: number): (from: number, to: number) => number {
    const { shown } = this.countersOf(c);
    return (from, to) => {
      let sum = 0;
      for (let at = from; at < to; at++) sum += shown.values[this.entries[at]!]!;
      return sum;
    };
  }

  private hotOf(c: number, bucket: number): (from: number, to: number) => number {
    const { oneHot } = this.categories[c]!;
    return (from, to) => {
      for (let at = from; at < to; at++) if (this.located[at]! % oneHot === bucket) return 1;
      return 0;
    };
  }

  private countersOf(c: number): Counted {
    const known = this.counted.get(c);
    if (known) return known;
    const table = (this.table ??= this.builder.store('declared'));
    const { halfLifeMs = this.builder.settings.features.longHalfLifeMs } = this.categories[c]!;
    const counters = { shown: table.count('shown', halfLifeMs), clicked: table.count('clicked', halfLifeMs) };
    this.counted.set(c, counters);
    this.shownColumns = [...new Set([...this.shownColumns, counters.shown])];
    this.clickedColumns = [...new Set([...this.clickedColumns, counters.clicked])];
    return counters;
  }

  private hold(values: number, ends: number): void {
    if (values > this.entries.length) {
      this.entries = new Int32Array(2 * values);
      this.located = new Float64Array(2 * values);
    }
    if (ends > this.ends.length) this.ends = new Int32Array(2 * ends);
  }
}

const NO_VALUES: readonly string[] = [];
const NO_KEYS: readonly Key[] = [];

function totalOf(items: CleanList['items']): number {
  let total = 0;
  for (const { declared } of items) for (const values of declared?.categories ?? []) total += values.length;
  return total;
}

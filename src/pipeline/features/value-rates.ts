import type { CleanList } from '../admitted.js';
import type { Key } from '../state/keys.js';
import { declaredFields } from '../declared.js';
import { SURFACE_RATE, type Builder, type ColumnFamily } from './definitions.js';
import { MOST_ATTRIBUTES, MOST_CONTEXT_FIELDS } from './field-bounds.js';
import type { KeyedTable } from './keyed-table.js';
import { Filled } from './values.js';

type Fields = Readonly<Record<string, string>>;
type Spread = 'mean' | 'max' | 'min';

/** Long click-through of what the list's context says, each field=value counted by itself. */
export const contextRates = (builder: Builder): ColumnFamily<Spread> => {
  const { declared } = builder.settings.features;
  const fields = new FieldValues(builder, 'context', builder.keys.space.context, MOST_CONTEXT_FIELDS, [
    ...declaredFields(declared, 'context'),
  ]);
  return {
    locate: ({ context }, nowMs) => {
      fields.begin(fields.countOf(context));
      fields.locate(context, nowMs);
      builder.keys.context = fields.keys(0);
    },
    shown: ({ items }) => fields.shown(items.length),
    clicked: (nowMs) => fields.clicked(builder.event.context, nowMs),
    values: (spread) =>
      builder.add(new Filled((values, count) => values.fill(fields.spread(0, fields.end, spread), 0, count))),
  };
};

/** Long click-through of the attributes of each item, each name=value counted by itself. */
export const attributeRates = (builder: Builder): ColumnFamily<Spread> => {
  const { declared } = builder.settings.features;
  const fields = new FieldValues(builder, 'attribute', builder.keys.space.attribute, MOST_ATTRIBUTES, [
    ...declaredFields(declared, 'items.attributes'),
  ]);
  let ends = new Int32Array(64);
  return {
    locate: ({ items }, nowMs) => {
      if (items.length > ends.length) ends = new Int32Array(2 * items.length);
      fields.begin(totalOf(items, fields));
      for (let i = 0; i < items.length; i++) {
        const from = fields.end;
        ends[i] = fields.locate(items[i]!.attributes, nowMs);
        builder.keys.attributes[i] = fields.keys(from);
      }
    },
    shown: () => fields.shown(1),
    clicked: (nowMs) => fields.clicked(builder.event.attributes[0] ?? null, nowMs),
    values: (spread) =>
      builder.add(
        new Filled((values, count) => {
          for (let i = 0; i < count; i++) values[i] = fields.spread(i === 0 ? 0 : ends[i - 1]!, ends[i]!, spread);
        }),
      ),
  };
};

/** Counters of named values but of those that are declared features, and the entries of those that a list has. */
class FieldValues {
  /** How many entries are located. */
  end = 0;
  private entries = new Int32Array(64);
  /** Keys of the located entries. */
  private located = new Float64Array(64);
  private readonly table: KeyedTable;
  private readonly shownCount;
  private readonly clickedCount;
  private readonly prior;
  private readonly smoothing: number;
  private readonly keySpace;

  constructor(
    builder: Builder,
    name: string,
    private readonly space: Key,
    private readonly most: number,
    private readonly except: readonly string[],
  ) {
    const { smoothing, longHalfLifeMs } = builder.settings.features;
    this.smoothing = smoothing;
    this.table = builder.store(name);
    this.shownCount = this.table.count('shown', longHalfLifeMs);
    this.clickedCount = this.table.count('clicked', longHalfLifeMs);
    this.prior = builder.values(SURFACE_RATE);
    this.keySpace = builder.keys.space;
  }

  /** Makes room for this many entries, none located yet. */
  begin(count: number): void {
    if (count > this.entries.length) {
      this.entries = new Int32Array(2 * count);
      this.located = new Float64Array(2 * count);
    }
    this.table.reserve(count);
    this.end = 0;
  }

  /** Finds or adds the counters of some fields, brought to `nowMs`; returns how many are located now. */
  locate(fields: Fields | null, nowMs: number): number {
    const end = this.end + this.countOf(fields);
    for (const name in fields) {
      if (this.end === end) break;
      if (this.except.includes(name)) continue;
      const key = this.keyOf(name, fields[name]!);
      this.located[this.end] = key;
      this.entries[this.end++] = this.table.touch(key, nowMs);
    }
    return end;
  }

  /** How many of some fields are counted. */
  countOf(fields: Fields | null): number {
    let count = 0;
    for (const name in fields) if (!this.except.includes(name) && ++count === this.most) break;
    return count;
  }

  /** Keys of what is located from a place on; null for none. */
  keys(from: number): readonly Key[] | null {
    if (from === this.end) return null;
    const keys: Key[] = [];
    for (let at = from; at < this.end; at++) keys.push(this.located[at]!);
    return keys;
  }

  shown(more: number): void {
    const { values } = this.shownCount;
    for (let at = 0; at < this.end; at++) values[this.entries[at]!]! += more;
    if (this.table.sharing) for (let at = 0; at < this.end; at++) this.table.tell('shown', this.entries[at]!, more);
  }

  clicked(keys: readonly Key[] | null, nowMs: number): void {
    for (const key of keys ?? NO_KEYS) {
      this.table.reserve(1);
      const entry = this.table.touch(key, nowMs);
      this.clickedCount.values[entry]! += 1;
      if (this.table.sharing) this.table.tell('clicked', entry, 1);
    }
  }

  /** Mean, highest or lowest rate of the entries [from, to); NaN for none. */
  spread(from: number, to: number, spread: Spread): number {
    if (from === to) return NaN;
    const prior = this.prior.values[0]!;
    let sum = 0;
    let max = -Infinity;
    let min = Infinity;
    for (let at = from; at < to; at++) {
      const entry = this.entries[at]!;
      const rate =
        (this.clickedCount.values[entry]! + this.smoothing * prior) / (this.shownCount.values[entry]! + this.smoothing);
      sum += rate;
      max = Math.max(max, rate);
      min = Math.min(min, rate);
    }
    return spread === 'mean' ? sum / (to - from) : spread === 'max' ? max : min;
  }

  private keyOf(name: string, value: string): Key {
    return this.keySpace.value(this.space, name, value);
  }
}

const NO_KEYS: readonly Key[] = [];

function totalOf(items: CleanList['items'], fields: FieldValues): number {
  let total = 0;
  for (const { attributes } of items) total += fields.countOf(attributes);
  return total;
}

import type { InteractionType } from '../../events/index.js';
import type { CleanList } from '../admitted.js';
import type { Key } from '../state/keys.js';
import type { Builder, ColumnFamily, MakeFamily } from './definitions.js';
import type { OwnKind } from './key-kinds.js';
import type { KeyedTable } from './keyed-table.js';
import type { Moment } from './moments.js';
import type { StateColumn } from './state-column.js';
import { Filled, type Values } from './values.js';

/** The category of which the last value is remembered. */
export interface LastOf {
  /** Names it in checkpoints. */
  readonly id: string;
  /** Its place among the own categories of `ListKeys`. */
  readonly at: number;
  /** Columns that the value is hashed to; 0: none. */
  readonly oneHot: number;
}

/**
 * The last value of a category under some keys, and columns of it: `same` (whether the item has it) and `hot B` (whether it
 * has the hash B). Missing before the first. What has no value changes none.
 */
export const lastValues =
  (of: OwnKind, moment: Moment, what: LastOf): MakeFamily<ColumnFamily<string>> =>
  (builder) =>
    new LastValues(builder, of, moment, what);

class LastValues implements ColumnFamily<string> {
  private readonly table: KeyedTable;
  /** The key of the value; 0: none yet. */
  private readonly column: StateColumn;

  constructor(
    private readonly builder: Builder,
    of: OwnKind,
    private readonly moment: Moment,
    private readonly what: LastOf,
  ) {
    this.table = builder.table(of);
    this.column = this.table.plain(`last ${this.table.nameOf(moment)} ${what.id}`);
  }

  shown({ items }: CleanList): void {
    if (this.moment !== 'shown') return;
    const values = this.builder.keys.own[this.what.at]!;
    for (let i = 0; i < items.length; i++) this.set(this.entryOf(i), values[i]!);
  }

  acted(_item: unknown, reached: boolean, _nowMs: number, type: InteractionType): void {
    const { moment } = this;
    if (moment === 'acted' || moment === type || (moment === 'reached' && reached)) this.happened();
  }

  clicked(): void {
    if (this.moment === 'clicked') this.happened();
  }

  values(name: string): Values {
    const { at, oneHot } = this.what;
    const bucket = name === 'same' ? undefined : Number(name.split(' ')[1]);
    return this.builder.add(
      new Filled((values, count) => {
        for (let i = 0; i < count; i++) {
          const entry = this.entryOf(i);
          const last = entry < 0 ? 0 : this.column.values[entry]!;
          const own = this.builder.keys.own[at]![i]!;
          if (last === 0 || (bucket === undefined && own === 0)) values[i] = NaN;
          else values[i] = Number(bucket === undefined ? last === own : last % oneHot === bucket);
        }
      }),
    );
  }

  private happened(): void {
    this.set(this.table.eventEntry, this.builder.event.own[this.what.at]![0]!);
  }

  private set(entry: number, value: Key): void {
    if (entry >= 0 && value !== 0) this.column.values[entry] = value;
  }

  private entryOf(i: number): number {
    return this.table.entries[this.table.kind.scope === 'list' ? 0 : i]!;
  }
}

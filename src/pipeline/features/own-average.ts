import type { CleanItem, CleanList } from '../admitted.js';
import type { StateColumn } from './state-column.js';

/** What a moving average of a team's own is taken of. */
export interface Observed {
  /** Changes with everything that changes the numbers. */
  readonly name: string;
  /** Share of a new observation, in (0,1]. */
  readonly step: number;
  /** What an item is shown with; null or NaN: nothing. */
  readonly of: (item: CleanItem) => number | null;
}

/** Exponential moving average over showings, one step an item in the order of the list; the first observation is the average. */
export class OwnAverage {
  constructor(
    private readonly average: StateColumn,
    /** 1: something was observed. */
    private readonly seen: StateColumn,
    private readonly what: Observed,
  ) {}

  /** @param ofList true when the list as a whole has the one entry at 0 */
  shown({ items }: CleanList, entries: Int32Array, ofList: boolean): void {
    const { step, of } = this.what;
    const { values } = this.average;
    const seen = this.seen.values;
    for (let i = 0; i < items.length; i++) {
      const entry = entries[ofList ? 0 : i]!;
      const observed = of(items[i]!);
      if (entry < 0 || observed === null || observed !== observed) continue;
      values[entry] = seen[entry] === 0 ? observed : values[entry]! + step * (observed - values[entry]!);
      seen[entry] = 1;
    }
  }

  /** The average of an entry; missing before the first observation. */
  valueOf(entry: number): number {
    return this.seen.values[entry] === 0 ? NaN : this.average.values[entry]!;
  }
}

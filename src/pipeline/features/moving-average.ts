import type { CleanList } from '../admitted.js';
import type { StateColumn } from './state-column.js';

/** Share of a new observation in a moving average. */
const AVERAGE_STEP = 0.1;

/** Exponential moving average of what items were shown with; 0: none yet, and an observation of 0 counts as none. */
export class MovingAverage {
  constructor(
    readonly column: StateColumn,
    private readonly what: 'position' | 'price',
  ) {}

  shown({ items }: CleanList, entries: Int32Array): void {
    const { values } = this.column;
    for (let i = 0; i < items.length; i++) {
      const observed = items[i]![this.what];
      const entry = entries[i]!;
      if (observed === null || entry < 0) continue;
      const before = values[entry]!;
      values[entry] = before > 0 ? before + AVERAGE_STEP * (observed - before) : observed;
    }
  }
}

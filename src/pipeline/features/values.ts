import type { CleanList } from '../admitted.js';

/** A number for each item of the list located last. NaN: missing. */
export abstract class Values {
  values: Float64Array = new Float64Array(0);

  /** Computes them from the state as it stands; changes none of it. */
  abstract fill(list: CleanList, nowMs: number): void;

  /** Makes room for lists of up to `count` items. */
  hold(count: number): void {
    this.values = new Float64Array(count);
  }
}

/** Values given by a function that sets `count` of them, one an item. */
export class Filled extends Values {
  constructor(private readonly into: (values: Float64Array, count: number, list: CleanList, nowMs: number) => void) {
    super();
  }

  fill(list: CleanList, nowMs: number): void {
    this.into(this.values, list.items.length, list, nowMs);
  }
}

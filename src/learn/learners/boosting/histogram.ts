import type { Bins } from '../bins.js';

/** Numbers a bin: sum of gradients, sum of hessians, row count. */
export const LANES = 3;

/** Where each column's bins start in a histogram; the last entry is the bin count of all columns. */
export function binStarts(bins: Bins): Int32Array {
  const starts = new Int32Array(bins.columnCount + 1);
  // One bin more than value bins: missing.
  for (let c = 0; c < bins.columnCount; c++) starts[c + 1] = starts[c]! + bins.bounds[c]!.length + 2;
  return starts;
}

/** Gradients and hessians of the rows of one leaf, side by side in the order of the index. */
export interface GatheredGradients {
  readonly gradient: Float64Array;
  readonly hessian: Float64Array;
}

/** Sums the gradients of the rows `index[start … start + count)` into the bins of the given columns. */
export function fillHistogram(
  histogram: Float64Array,
  bins: Bins,
  starts: Int32Array,
  columns: Int32Array,
  index: Int32Array,
  start: number,
  count: number,
  { gradient, hessian }: GatheredGradients,
): void {
  histogram.fill(0);
  for (const column of columns) sumColumn(histogram, starts[column]! * LANES, bins.codes, column * bins.rowCount, index, start, count, gradient, hessian);
}

function sumColumn(
  histogram: Float64Array,
  first: number,
  codes: Uint8Array,
  columnStart: number,
  index: Int32Array,
  start: number,
  count: number,
  gradient: Float64Array,
  hessian: Float64Array,
): void {
  for (let i = 0; i < count; i++) {
    const at = first + codes[columnStart + index[start + i]!]! * LANES;
    histogram[at]! += gradient[i]!;
    histogram[at + 1]! += hessian[i]!;
    histogram[at + 2]! += 1;
  }
}

/** Leaves the sibling's histogram in `parent`: parent − child, which costs no row. */
export function subtractHistogram(parent: Float64Array, child: Float64Array): void {
  for (let i = 0; i < parent.length; i++) parent[i]! -= child[i]!;
}

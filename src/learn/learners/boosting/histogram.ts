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
  const { codes, rowCount } = bins;
  // Two columns a pass: index and gradients are read once for both.
  for (let j = 0; j < columns.length; j += 2) {
    const one = columns[j]!;
    const other = columns[j + 1] ?? -1;
    const oneFirst = starts[one]! * LANES;
    if (other < 0) sumColumn(histogram, oneFirst, codes, one * rowCount, index, start, count, gradient, hessian);
    else
      sumPair(
        histogram,
        oneFirst,
        starts[other]! * LANES,
        codes,
        one * rowCount,
        other * rowCount,
        index,
        start,
        count,
        gradient,
        hessian,
      );
  }
}

function sumPair(
  histogram: Float64Array,
  oneFirst: number,
  otherFirst: number,
  codes: Uint8Array,
  oneStart: number,
  otherStart: number,
  index: Int32Array,
  start: number,
  count: number,
  gradient: Float64Array,
  hessian: Float64Array,
): void {
  for (let i = 0; i < count; i++) {
    const row = index[start + i]!;
    const g = gradient[i]!;
    const h = hessian[i]!;
    const a = oneFirst + codes[oneStart + row]! * LANES;
    const b = otherFirst + codes[otherStart + row]! * LANES;
    histogram[a]! += g;
    histogram[a + 1]! += h;
    histogram[a + 2]! += 1;
    histogram[b]! += g;
    histogram[b + 1]! += h;
    histogram[b + 2]! += 1;
  }
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

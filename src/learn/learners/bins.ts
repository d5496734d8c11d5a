import type { TrainingRows } from '../../ports/trainer.js';
import { float32AtLeast, MAX_FLOAT32 } from './float32.js';

/** Value bins a column at most; code 255 is left for missing where all are used. */
export const MAX_VALUE_BINS = 255;

/** Rows as small codes: `codes` is column-major, rowCount bytes a column. */
export interface Bins {
  readonly rowCount: number;
  readonly columnCount: number;
  readonly codes: Uint8Array;
  /**
   * Bounds between neighbouring bins of each column, ascending: a value's code is the number of bounds ≤ it. Missing
   * (NaN) has the code `bounds.length + 1`.
   */
  readonly bounds: readonly Float32Array[];
}

/** Bins every column by its own quantiles over all rows; a column of few distinct values gets one bin a value. */
export function binRows(
  training: Pick<TrainingRows, 'rows' | 'rowCount' | 'columnCount'>,
  maxBins = MAX_VALUE_BINS,
): Bins {
  const { rows, rowCount, columnCount } = training;
  const codes = new Uint8Array(rowCount * columnCount);
  const column = new Float32Array(rowCount);
  const bounds: Float32Array[] = [];
  for (let c = 0; c < columnCount; c++) {
    for (let i = 0, at = c; i < rowCount; i++, at += columnCount) column[i] = rows[at]!;
    const columnBounds = boundsOf(column, maxBins);
    bounds.push(columnBounds);
    encodeColumn(column, columnBounds, codes, c * rowCount);
  }
  return { rowCount, columnCount, codes, bounds };
}

function encodeColumn(column: Float32Array, bounds: Float32Array, codes: Uint8Array, start: number): void {
  const missing = bounds.length + 1;
  for (let i = 0; i < column.length; i++) {
    const value = column[i]!;
    if (value !== value) {
      codes[start + i] = missing;
      continue;
    }
    let low = 0;
    let high = bounds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (bounds[middle]! <= value) low = middle + 1;
      else high = middle;
    }
    codes[start + i] = low;
  }
}

/**
 * Bounds that cut the values into at most `maxBins` bins of about equal count, never between equal values. Infinite
 * values count as the largest finite ones, so that every bound is finite.
 * Source: the greedy binning of LightGBM (src/io/bin.cpp, GreedyFindBin).
 */
export function boundsOf(column: Float32Array, maxBins: number): Float32Array {
  const sorted = column
    .filter((value) => value === value)
    .map((value) => Math.min(MAX_FLOAT32, Math.max(-MAX_FLOAT32, value)));
  sorted.sort();
  const values: number[] = [];
  const counts: number[] = [];
  for (let i = 0; i < sorted.length; i++) {
    if (i > 0 && sorted[i] === sorted[i - 1]) counts[counts.length - 1]!++;
    else {
      values.push(sorted[i]!);
      counts.push(1);
    }
  }
  const bounds: number[] = [];
  const cutAfter = (i: number) => bounds.push(float32AtLeast((values[i]! + values[i + 1]!) / 2));
  if (values.length <= maxBins) for (let i = 0; i + 1 < values.length; i++) cutAfter(i);
  else cutGreedily(counts, sorted.length, maxBins, cutAfter);
  return Float32Array.from(bounds);
}

/** A value as frequent as a whole bin gets its own; the rest are shared out evenly over the bins that remain. */
function cutGreedily(counts: readonly number[], total: number, maxBins: number, cutAfter: (i: number) => void): void {
  const isHeavy = counts.map((count) => count >= total / maxBins);
  let restBins = maxBins;
  let restRows = total;
  counts.forEach((count, i) => {
    if (!isHeavy[i]) return;
    restBins--;
    restRows -= count;
  });
  let meanRows = restRows / Math.max(1, restBins);
  let cuts = 0;
  let inBin = 0;
  for (let i = 0; i + 1 < counts.length && cuts < maxBins - 1; i++) {
    if (!isHeavy[i]) restRows -= counts[i]!;
    inBin += counts[i]!;
    if (!isHeavy[i] && inBin < meanRows && !(isHeavy[i + 1] && inBin >= Math.max(1, meanRows / 2))) continue;
    cutAfter(i);
    cuts++;
    inBin = 0;
    if (isHeavy[i]) continue;
    restBins--;
    meanRows = restRows / Math.max(1, restBins);
  }
}

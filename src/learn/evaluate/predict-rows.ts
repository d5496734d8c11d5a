import type { Model } from '../../ports/model.js';
import type { OrderedRows } from '../reservoir/row-slab.js';

/** Rows a prediction: bounds the memory of members, and lets batches of the stream in between. */
const ROWS_AT_ONCE = 4_096;

/** Predicts all rows, in slices. Throws what the model throws, and AbortError when the signal is aborted between slices. */
export async function predictRows(
  model: Model,
  { rows, rowCount, columnCount }: OrderedRows,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const probabilities = new Float32Array(rowCount);
  for (let from = 0; from < rowCount; from += ROWS_AT_ONCE) {
    signal?.throwIfAborted();
    const to = Math.min(rowCount, from + ROWS_AT_ONCE);
    const { probability } = await model.predict(rows.slice(from * columnCount, to * columnCount), to - from);
    probabilities.set(probability, from);
  }
  return probabilities;
}

/** True when every value is in [0,1]. */
export function areProbabilities(values: Float32Array): boolean {
  return values.every((value) => value >= 0 && value <= 1);
}

import type { Model } from '../ports/model.js';
import type { SelfTest } from './manifest.js';

/** Rows of the stream in a self-test, besides one of zeros and one with everything missing. */
const STREAM_ROWS = 4;

/**
 * Makes the self-test of a model from rows of the stream.
 * @param rows row-major, NaN = missing; the first few are taken
 */
export async function selfTestOf(
  model: Pick<Model, 'predict'>,
  {
    rows,
    rowCount,
    columnCount,
  }: { readonly rows: Float32Array; readonly rowCount: number; readonly columnCount: number },
): Promise<SelfTest> {
  const count = Math.min(STREAM_ROWS, rowCount);
  const values = new Float32Array((count + 2) * columnCount);
  values.set(rows.subarray(0, count * columnCount));
  values.fill(Number.NaN, (count + 1) * columnCount);
  const { probability } = await model.predict(values, count + 2);
  return {
    rows: Array.from({ length: count + 2 }, (_, row) =>
      [...values.subarray(row * columnCount, (row + 1) * columnCount)].map((value) =>
        Number.isNaN(value) ? null : value,
      ),
    ),
    predictions: [...probability],
  };
}

/** How far a model's answers are from those of the self-test, at most; NaN where it answers none. */
export async function selfTestGap(model: Pick<Model, 'predict'>, { rows, predictions }: SelfTest): Promise<number> {
  const values = Float32Array.from(rows.flat(), (value) => value ?? Number.NaN);
  const { probability } = await model.predict(values, rows.length);
  return predictions.reduce((most, value, at) => Math.max(most, Math.abs(value - probability[at]!)), 0);
}

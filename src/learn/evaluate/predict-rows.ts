import { shiftAll } from '../../events/shifted.js';
import type { Model, Prediction } from '../../ports/model.js';
import type { TrainingRows } from '../../ports/trainer.js';

type FeatureRows = Pick<TrainingRows, 'rows' | 'rowCount' | 'columnCount'>;

/** Rows a prediction: bounds the memory of members, and lets batches of the stream in between. */
const ROWS_AT_ONCE = 4_096;

/** Predicts all rows, in slices. Throws what the model throws, and AbortError when the signal is aborted between slices. */
export async function predictRows(model: Model, rows: FeatureRows, signal?: AbortSignal): Promise<Float32Array> {
  const probabilities = new Float32Array(rows.rowCount);
  await inSlices(model, rows, signal, ({ probability }, from) => probabilities.set(probability, from));
  return probabilities;
}

/**
 * The same as it is in the stream that the rows came in: with offsets of audit rows, which an earlier sampling alone has
 * made other than 0.
 */
export async function predictAudit(
  model: Model,
  rows: FeatureRows & Pick<TrainingRows, 'offsets'>,
  signal?: AbortSignal,
): Promise<Float32Array> {
  return shiftAll(await predictRows(model, rows, signal), rows.offsets);
}

/** The same with what each member says, rows × memberCount. */
export async function predictMembers(model: Model, rows: FeatureRows, signal?: AbortSignal): Promise<Prediction> {
  const { memberCount } = model;
  const probability = new Float32Array(rows.rowCount);
  const members = new Float32Array(rows.rowCount * memberCount);
  await inSlices(model, rows, signal, (part, from) => {
    probability.set(part.probability, from);
    members.set(part.members, from * memberCount);
  });
  return { probability, members };
}

async function inSlices(
  model: Model,
  { rows, rowCount, columnCount }: FeatureRows,
  signal: AbortSignal | undefined,
  take: (part: Prediction, from: number) => void,
): Promise<void> {
  for (let from = 0; from < rowCount; from += ROWS_AT_ONCE) {
    signal?.throwIfAborted();
    const to = Math.min(rowCount, from + ROWS_AT_ONCE);
    take(await model.predict(rows.slice(from * columnCount, to * columnCount), to - from), from);
  }
}

/** True when every value is in [0,1]. */
export function areProbabilities(values: Float32Array): boolean {
  return values.every((value) => value >= 0 && value <= 1);
}

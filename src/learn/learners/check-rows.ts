import { SluiceError } from '../../errors.js';
import type { TrainingRows } from '../../ports/trainer.js';

/** Refuses rows that no learner can use: array lengths that disagree, one class only, weights or offsets that are no numbers. */
export function checkRows(learner: string, training: TrainingRows): void {
  const { rows, rowCount, columnCount, labels, weights, offsets } = training;
  const refuse = (why: string) => new SluiceError('fit-failed', { learner, rows: rowCount, why });
  if (rows.length !== rowCount * columnCount)
    throw refuse(`${rows.length} values are not ${rowCount} × ${columnCount}`);
  if (labels.length !== rowCount || weights.length !== rowCount || offsets.length !== rowCount)
    throw refuse(`${labels.length} labels, ${weights.length} weights, ${offsets.length} offsets`);
  if (columnCount === 0) throw refuse('there are no columns');
  let positives = 0;
  for (let i = 0; i < rowCount; i++) {
    if (labels[i]! > 1) throw refuse(`label ${labels[i]} of row ${i} is not 0 or 1`);
    if (!(weights[i]! > 0 && weights[i]! < Infinity))
      throw refuse(`weight ${weights[i]} of row ${i} is not a positive number`);
    if (!Number.isFinite(offsets[i]!)) throw refuse(`log-odds offset ${offsets[i]} of row ${i} is not finite`);
    positives += labels[i]!;
  }
  if (positives === 0 || positives === rowCount)
    throw refuse(`${positives} positive and ${rowCount - positives} negative labels: both classes are needed`);
}

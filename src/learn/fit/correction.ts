import type { JudgedBundle } from '../../bundle/sample.js';
import type { TrainingRows } from '../../ports/trainer.js';
import type { Learner } from '../learners/learner.js';

/**
 * The rows as a learner of some correction takes them: offsets and weights of one, or weights and no offsets; never both, that would correct
 * twice. Rows that were selected under different thresholds, or by the prior before the first champion,
 * mix freely, since each carries what its own threshold did to it.
 */
export function correctedRows(correction: Learner['correction'], held: JudgedBundle): TrainingRows {
  const { rows, rowCount, columnCount, labels, weights, offsets } = held;
  return correction === 'offsets'
    ? { rows, rowCount, columnCount, labels, weights: new Float32Array(rowCount).fill(1), offsets }
    : { rows, rowCount, columnCount, labels, weights, offsets: new Float32Array(rowCount) };
}

/** Rows, positives, Σ 1/π and the base rate of the stream they stand for (Σ y/π / Σ 1/π; NaN of no rows). */
export function tally(held: Pick<JudgedBundle, 'rowCount' | 'labels' | 'weights'>): {
  readonly rows: number;
  readonly positives: number;
  readonly sumOfWeights: number;
  readonly baseRate: number;
} {
  let positives = 0;
  let sumOfWeights = 0;
  let positiveWeights = 0;
  for (let i = 0; i < held.rowCount; i++) {
    positives += held.labels[i]!;
    sumOfWeights += held.weights[i]!;
    positiveWeights += held.labels[i]! * held.weights[i]!;
  }
  return { rows: held.rowCount, positives, sumOfWeights, baseRate: positiveWeights / sumOfWeights };
}

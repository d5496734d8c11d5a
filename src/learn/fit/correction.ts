import type { LearnerName, TrainingRows } from '../../ports/trainer.js';
import type { OrderedRows } from '../reservoir/row-slab.js';

/**
 * How each learner undoes the selection. Those that add up log-odds take the offset and train unweighted: it uses the
 * samples better and forgives a poor scorer (10 % kept: NE .6337 against .6446 by weights). A forest has no log-odds to
 * add to, so it takes weights 1/π.
 */
export const CORRECTION: Readonly<Record<LearnerName, 'offsets' | 'weights'>> = {
  boosting: 'offsets',
  head: 'offsets',
  linear: 'offsets',
  forest: 'weights',
};

/**
 * The rows as a learner takes them: offsets and weights of one, or weights and no offsets; never both, that would correct
 * twice. Rows that were selected under different thresholds, or by the prior before the first champion,
 * mix freely, since each carries what its own threshold did to it.
 */
export function correctedRows(learner: LearnerName, held: OrderedRows): TrainingRows {
  const { rows, rowCount, columnCount, labels, weights, offsets } = held;
  return CORRECTION[learner] === 'offsets'
    ? { rows, rowCount, columnCount, labels, weights: new Float32Array(rowCount).fill(1), offsets }
    : { rows, rowCount, columnCount, labels, weights, offsets: new Float32Array(rowCount) };
}

/** Rows, positives, Σ 1/π and the base rate of the stream they stand for (Σ y/π / Σ 1/π; NaN of no rows). */
export function tally(held: Pick<OrderedRows, 'rowCount' | 'labels' | 'weights'>): {
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

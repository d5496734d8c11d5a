import type { JudgedBundle } from '../../bundle/sample.js';
import { SURFACES } from '../../events/words.js';
import type { TrainingRows } from '../../ports/trainer.js';
import type { LabelledRows } from '../reservoir/late-labels.js';
import type { Learner } from '../learners/learner.js';

type Labelled = JudgedBundle & Pick<LabelledRows, 'late'>;

/**
 * The rows as a learner of some correction takes them: offsets and weights of one, or weights and no offsets; never both, that would correct
 * twice. Rows that were selected under different thresholds, or by the prior before the first champion,
 * mix freely, since each carries what its own threshold did to it.
 */
export function correctedRows(correction: Learner['correction'], held: Labelled): TrainingRows {
  const { rows, rowCount, columnCount, labels, weights } = held;
  return correction === 'offsets'
    ? { rows, rowCount, columnCount, labels, weights: new Float32Array(rowCount).fill(1), offsets: lateOffsets(held) }
    : { rows, rowCount, columnCount, labels, weights, offsets: new Float32Array(rowCount) };
}

/**
 * The offsets of rows some of which were kept as negatives and are none. Of the positives of a surface, a share q came late:
 * P(kept | x, 1) = (1 − q)·π(x, 1) + q·π(x, 0), so the log odds of kept rows are off by ln((1 − q)·e^offset + q). It takes
 * lateness to depend on the surface alone; a weight of e^offset on each late row would not, and costs trees more than it
 * gives (docs/why/decisions.md, 227). q is Σ 1/π of the late over that of all positives.
 */
function lateOffsets({ rowCount, labels, weights, offsets, surfaces, late }: Labelled): Float32Array {
  if (!late) return offsets;
  const [lateSums, sums] = [SURFACES.map(() => 0), SURFACES.map(() => 0)];
  for (let i = 0; i < rowCount; i++) {
    if (labels[i] === 0) continue;
    sums[surfaces[i]!]! += weights[i]!;
    lateSums[surfaces[i]!]! += late[i]! * weights[i]!;
  }
  const shares = sums.map((sum, surface) => (sum > 0 ? lateSums[surface]! / sum : 0));
  return offsets.map((offset, i) => {
    const share = shares[surfaces[i]!]!;
    return share > 0 ? Math.log((1 - share) * Math.exp(offset) + share) : offset;
  });
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

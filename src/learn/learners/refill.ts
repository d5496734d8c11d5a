import type { TreeEnsemble } from '../../ports/learner.js';
import type { TrainingRows } from '../../ports/trainer.js';
import { sigmoid, solveIntercept } from './intercept.js';
import { leafOf } from './predict-with.js';

export interface Refilled {
  readonly value: Float32Array;
  /** Weighted variance reduction a column, in column order, summing to 1 (zeros where nothing split). */
  readonly gain: Float64Array;
}

/**
 * Gives every leaf the shrunken click rate of all kept rows that fall into it: the p with
 * Σ w·(sigmoid(logit p + offset) − y) + shrinkage·(p − ȳ) = 0, ȳ the base rate without the offsets. Without offsets that
 * is (Σwy + shrinkage·ȳ) / (Σw + shrinkage). A tree may so be grown on a biased bootstrap and still be calibrated.
 */
export function refillLeaves(trees: TreeEnsemble, training: TrainingRows, shrinkage: number): Refilled {
  const { rows, rowCount, columnCount, labels, weights, offsets } = training;
  const baseRate = sigmoid(solveIntercept(labels, offsets, weights));
  const inverseOdds = offsets.some((offset) => offset !== 0)
    ? Float64Array.from(offsets, (offset) => Math.exp(-offset))
    : undefined;
  // An empty leaf needs a pull towards the base rate, however weak.
  const prior = { shrinkage: Math.max(1e-6, shrinkage), baseRate };
  const nodeCount = trees.column.length;
  const weightSum = new Float64Array(nodeCount);
  const positiveSum = new Float64Array(nodeCount);
  const leafOfRow = new Int32Array(rowCount);
  const value = Float32Array.from(trees.value);
  for (let t = 0; t < trees.roots.length; t++) {
    const root = trees.roots[t]!;
    const end = trees.roots[t + 1] ?? nodeCount;
    for (let i = 0; i < rowCount; i++) {
      const leaf = leafOf(trees, root, rows, i * columnCount);
      leafOfRow[i] = leaf;
      weightSum[leaf]! += weights[i]!;
      positiveSum[leaf]! += weights[i]! * labels[i]!;
    }
    for (let node = root; node < end; node++)
      if (trees.column[node]! < 0)
        value[node] = (positiveSum[node]! + prior.shrinkage * baseRate) / (weightSum[node]! + prior.shrinkage);
    if (inverseOdds) solveLeaves(trees, value, root, end, leafOfRow, training, inverseOdds, prior);
  }
  return { value, gain: varianceReduction(trees, weightSum, positiveSum, columnCount) };
}

/**
 * Bisection on the log-odds of all leaves of a tree at once: 40 halvings of ±20 leave less than 1e-10. With the offsets'
 * exponentials computed once, a row costs one division a step.
 */
function solveLeaves(
  trees: TreeEnsemble,
  value: Float32Array,
  root: number,
  end: number,
  leafOfRow: Int32Array,
  training: TrainingRows,
  inverseOdds: Float64Array,
  prior: { readonly shrinkage: number; readonly baseRate: number },
): void {
  const { labels, weights, rowCount } = training;
  const size = end - root;
  const low = new Float64Array(size).fill(-20);
  const high = new Float64Array(size).fill(20);
  const excess = new Float64Array(size);
  const odds = new Float64Array(size);
  for (let step = 0; step < 40; step++) {
    for (let j = 0; j < size; j++) {
      odds[j] = Math.exp(-(low[j]! + high[j]!) / 2);
      excess[j] = prior.shrinkage * (1 / (1 + odds[j]!) - prior.baseRate);
    }
    for (let i = 0; i < rowCount; i++) {
      const j = leafOfRow[i]! - root;
      excess[j]! += weights[i]! * (1 / (1 + odds[j]! * inverseOdds[i]!) - labels[i]!);
    }
    for (let j = 0; j < size; j++) (excess[j]! > 0 ? high : low)[j] = (low[j]! + high[j]!) / 2;
  }
  for (let j = 0; j < size; j++) if (trees.column[root + j]! < 0) value[root + j] = sigmoid((low[j]! + high[j]!) / 2);
}

/** Σ over splits of W_left·W_right/W·(p_left − p_right)², a column; children come after parents, so one pass backwards sums. */
function varianceReduction(
  trees: TreeEnsemble,
  weightSum: Float64Array,
  positiveSum: Float64Array,
  columnCount: number,
): Float64Array {
  const gain = new Float64Array(columnCount);
  for (let node = trees.column.length - 1; node >= 0; node--) {
    const column = trees.column[node]!;
    if (column < 0) continue;
    const left = trees.left[node]!;
    const right = trees.right[node]!;
    const wl = weightSum[left]!;
    const wr = weightSum[right]!;
    weightSum[node] = wl + wr;
    positiveSum[node] = positiveSum[left]! + positiveSum[right]!;
    if (wl > 0 && wr > 0)
      gain[column]! += ((wl * wr) / (wl + wr)) * (positiveSum[left]! / wl - positiveSum[right]! / wr) ** 2;
  }
  return normalised(gain);
}

/** Scales a gain to sum 1; zeros stay zeros. */
export function normalised(gain: Float64Array): Float64Array {
  const total = gain.reduce((sum, one) => sum + one, 0);
  return total > 0 ? gain.map((one) => one / total) : gain;
}

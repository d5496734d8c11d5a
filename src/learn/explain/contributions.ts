import type { LinearPredictor, Predictor, TreeEnsemble } from '../../ports/learner.js';
import { standardised } from '../learners/predict-with.js';

/** What moved one prediction, column by column. */
export interface Explanation {
  /** `log-odds`: the sum is the mean over members of their log-odds, for one member the log-odds of the prediction; `probability`: the sum is the prediction. */
  readonly scale: 'log-odds' | 'probability';
  /** What the model says before it knows anything of the row: its mean over the background. */
  readonly base: number;
  /** Added by each column, in column order; base + Σ = {@link total}. */
  readonly contributions: Float64Array;
  readonly total: number;
}

/**
 * Takes a prediction apart along its paths. A tree's value at a node is the mean of its leaves over the background rows
 * that reach it; a step down adds the difference to the column that the node looks at. A linear predictor's column adds its
 * term less the term's mean over the background. Sums are exact by construction. Columns that say the same share their part
 * by the accident of which one a tree split on.
 * Source: Saabas 2014, "Interpreting random forests"; Lundberg et al. 2020 on where paths fall short of Shapley values.
 * @param row columns in order; NaN = missing
 * @param background rows of the stream, row-major, at least one: a uniform slice of it, best
 */
export function explain(predictor: Predictor, row: Float32Array, background: Float32Array): Explanation {
  return predictor.kind === 'trees'
    ? explainTrees(predictor, row, background)
    : explainLinear(predictor, row, background);
}

function explainTrees(trees: TreeEnsemble, row: Float32Array, background: Float32Array): Explanation {
  const { roots, memberCount, columnCount, column } = trees;
  const means = nodeMeans(trees, background);
  const contributions = new Float64Array(columnCount);
  let base = 0;
  for (let k = 0; k < memberCount; k++) base += trees.base[k]! / memberCount;
  for (const root of roots) {
    base += means[root]! / memberCount;
    for (let node = root; column[node]! >= 0;) {
      const next = childOf(trees, node, row, 0);
      contributions[column[node]!]! += (means[next]! - means[node]!) / memberCount;
      node = next;
    }
  }
  return {
    scale: trees.link === 'logistic' ? 'log-odds' : 'probability',
    base,
    contributions,
    total: totalOf(base, contributions),
  };
}

/** Mean leaf value below each node over the rows that reach it; of its two children alike where none does. */
function nodeMeans(trees: TreeEnsemble, background: Float32Array): Float64Array {
  const { roots, column, columnCount, left, right, value } = trees;
  const visits = new Float64Array(column.length);
  for (let at = 0; at + columnCount <= background.length; at += columnCount)
    for (const root of roots)
      for (let node = root; ; node = childOf(trees, node, background, at)) {
        visits[node]!++;
        if (column[node]! < 0) break;
      }
  const means = Float64Array.from(value);
  // Children stand behind their parents.
  for (let node = column.length - 1; node >= 0; node--) {
    if (column[node]! < 0) continue;
    const [l, r] = [left[node]!, right[node]!];
    const seen = visits[l]! + visits[r]!;
    const share = seen > 0 ? visits[l]! / seen : 0.5;
    means[node] = share * means[l]! + (1 - share) * means[r]!;
  }
  return means;
}

function childOf(
  { column, threshold, missingLeft, left, right }: TreeEnsemble,
  node: number,
  rows: Float32Array,
  start: number,
): number {
  const value = rows[start + column[node]!]!;
  const goesLeft = value < threshold[node]! || (value !== value && missingLeft[node] === 1);
  return goesLeft ? left[node]! : right[node]!;
}

function explainLinear(predictor: LinearPredictor, row: Float32Array, background: Float32Array): Explanation {
  const { columnCount, memberCount, intercept } = predictor;
  const rowCount = Math.floor(background.length / columnCount);
  const contributions = new Float64Array(columnCount);
  let base = 0;
  for (let k = 0; k < memberCount; k++) base += intercept[k]! / memberCount;
  for (let column = 0; column < columnCount; column++) {
    let mean = 0;
    for (let i = 0; i < rowCount; i++)
      mean += termOf(predictor, column, background[i * columnCount + column]!) / rowCount;
    base += mean;
    contributions[column] = termOf(predictor, column, row[column]!) - mean;
  }
  return { scale: 'log-odds', base, contributions, total: totalOf(base, contributions) };
}

/** A column's term, mean over members. */
function termOf(
  { memberCount, centre, inverseScale, weights, missingWeights }: LinearPredictor,
  column: number,
  value: number,
): number {
  const isMissing = value !== value;
  const z = isMissing ? 1 : standardised(value, centre[column]!, inverseScale[column]!);
  const from = isMissing ? missingWeights : weights;
  let sum = 0;
  for (let k = 0; k < memberCount; k++) sum += z * from[column * memberCount + k]!;
  return sum / memberCount;
}

function totalOf(base: number, contributions: Float64Array): number {
  return contributions.reduce((sum, one) => sum + one, base);
}

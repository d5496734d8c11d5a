import {
  isOfProbabilities,
  membersOut,
  type LinearPredictor,
  type Predictor,
  type TreeEnsemble,
} from '../../ports/learner.js';
import type { Prediction } from '../../ports/model.js';
import { MAX_FLOAT32 } from './float32.js';
import { sigmoid } from './intercept.js';

/**
 * Scores rows in plain TypeScript, as the ONNX graph of the same predictor does: tree members with identity link agree to
 * the last bit, everything behind a sigmoid to about 1e-6.
 * @param rows Float32Array, rowCount × columns, row-major; NaN = missing
 */
export function predictWith(predictor: Predictor, rows: Float32Array, rowCount: number): Prediction {
  const sums = marginsWith(predictor, rows, rowCount);
  const memberCount = membersOut(predictor);
  const members = isOfProbabilities(predictor) ? sums : sigmoids(sums, predictor, memberCount);
  const probability = new Float32Array(rowCount);
  for (let i = 0; i < rowCount; i++) {
    let sum = 0;
    for (let k = 0; k < memberCount; k++) sum += members[i * memberCount + k]!;
    probability[i] = sum / memberCount;
  }
  return { probability, members };
}

/** What members add up to before any link, rows × members, those of both halves. */
export function marginsWith(predictor: Predictor, rows: Float32Array, rowCount: number): Float32Array {
  return predictor.kind === 'trees' ? treeSums(predictor, rows, rowCount) : linearSums(predictor, rows, rowCount);
}

/** The leaf of a row in a tree. `start` is the index of the row's first column. */
export function leafOf(trees: TreeEnsemble, root: number, rows: Float32Array, start: number): number {
  let node = root;
  for (let column = trees.column[node]!; column >= 0; column = trees.column[node]!) {
    const value = rows[start + column]!;
    const goesLeft = value < trees.threshold[node]! || (value !== value && trees.missingLeft[node] === 1);
    node = goesLeft ? trees.left[node]! : trees.right[node]!;
  }
  return node;
}

/** Members out of log-odds: of two halves the mean of the two. */
function sigmoids(sums: Float32Array, { memberCount, firstHalf }: Predictor, membersEach: number): Float32Array {
  if (firstHalf === undefined) return sums.map(sigmoid);
  return Float32Array.from({ length: (sums.length / memberCount) * membersEach }, (_, i) => {
    const at = Math.floor(i / membersEach) * memberCount + (i % membersEach);
    return sigmoid((sums[at]! + sums[at + firstHalf]!) / 2);
  });
}

function treeSums(trees: TreeEnsemble, rows: Float32Array, rowCount: number): Float32Array {
  const { memberCount, columnCount, roots, memberOfTree, value, base } = trees;
  const members = new Float32Array(rowCount * memberCount);
  for (let i = 0; i < rowCount; i++) {
    const out = i * memberCount;
    for (let t = 0; t < roots.length; t++)
      members[out + memberOfTree[t]!]! += value[leafOf(trees, roots[t]!, rows, i * columnCount)]!;
    for (let k = 0; k < memberCount; k++) members[out + k]! += base[k]!;
  }
  return members;
}

function linearSums(predictor: LinearPredictor, rows: Float32Array, rowCount: number): Float32Array {
  const { memberCount, columnCount, centre, inverseScale, weights, missingWeights, intercept } = predictor;
  const members = new Float32Array(rowCount * memberCount);
  for (let i = 0; i < rowCount; i++)
    for (let k = 0; k < memberCount; k++) {
      let z = intercept[k]!;
      for (let c = 0; c < columnCount; c++) {
        const value = rows[i * columnCount + c]!;
        z +=
          value === value
            ? standardised(value, centre[c]!, inverseScale[c]!) * weights[c * memberCount + k]!
            : missingWeights[c * memberCount + k]!;
      }
      members[i * memberCount + k] = z;
    }
  return members;
}

/** clip( (sign(x)·ln(1 + |x|) − centre) · inverseScale, ±8 ): a signed log for heavy tails, then standardised. */
export function standardised(value: number, centre: number, inverseScale: number): number {
  const squashed = Math.sign(value) * Math.log1p(Math.min(MAX_FLOAT32, Math.abs(value)));
  return Math.max(-8, Math.min(8, (squashed - centre) * inverseScale));
}

import { gathered } from '../../bundle/bundle.js';
import { TRAINING } from '../../bundle/sample.js';
import type { Fitted, LinearPredictor, Predictor, TreeEnsemble } from '../../ports/learner.js';
import type { TrainingRows } from '../../ports/trainer.js';

/** Of each class in each half. With fewer, two halves are worse than a whole, and a base from them teaches noise. */
export const LEAST_OF_A_CLASS = 30;

/** The rows of the two halves. */
export function halvesOf(training: TrainingRows, folds: Uint8Array): readonly [TrainingRows, TrainingRows] {
  const rowsOf = (half: number): TrainingRows =>
    gathered(
      TRAINING,
      training,
      Uint32Array.from(folds.keys()).filter((row) => folds[row] === half),
    );
  return [rowsOf(0), rowsOf(1)];
}

/** Rows of the rarer class in the part that has fewest of it. */
export function leastOfAClass(parts: readonly TrainingRows[]): number {
  const rarest = parts.map(({ labels, rowCount }) => {
    const positives = labels.reduce((sum, label) => sum + label, 0);
    return Math.min(positives, rowCount - positives);
  });
  return Math.min(...rarest);
}

/** One predictor of both: see {@link Predictor}. Linear ones have to share their standardisation. */
export function joined(a: Fitted, b: Fitted): Fitted {
  const gain = a.gain.map((share, column) => (share + b.gain[column]!) / 2);
  return { predictor: joinedPredictor(a.predictor, b.predictor), gain };
}

function joinedPredictor(a: Predictor, b: Predictor): Predictor {
  if (a.kind === 'trees' && b.kind === 'trees') return joinedTrees(a, b);
  if (a.kind === 'linear' && b.kind === 'linear') return joinedLinear(a, b);
  throw new TypeError('two halves of one learner are of one kind');
}

function joinedTrees(a: TreeEnsemble, b: TreeEnsemble): TreeEnsemble {
  const nodes = a.column.length;
  const behind = (child: number): number => (child < 0 ? child : child + nodes);
  return {
    ...a,
    memberCount: a.memberCount + b.memberCount,
    firstHalf: a.memberCount,
    roots: Int32Array.of(...a.roots, ...b.roots.map((root) => root + nodes)),
    memberOfTree: Int32Array.of(...a.memberOfTree, ...b.memberOfTree.map((member) => member + a.memberCount)),
    column: Int32Array.from([...a.column, ...b.column]),
    threshold: Float32Array.from([...a.threshold, ...b.threshold]),
    left: Int32Array.from([...a.left, ...b.left.map(behind)]),
    right: Int32Array.from([...a.right, ...b.right.map(behind)]),
    missingLeft: Uint8Array.from([...a.missingLeft, ...b.missingLeft]),
    value: Float32Array.from([...a.value, ...b.value]),
    base: Float32Array.from([...a.base, ...b.base]),
  };
}

function joinedLinear(a: LinearPredictor, b: LinearPredictor): LinearPredictor {
  const beside = (left: Float32Array, right: Float32Array): Float32Array => {
    const into = new Float32Array(left.length + right.length);
    for (let column = 0; column < a.columnCount; column++) {
      const at = column * (a.memberCount + b.memberCount);
      into.set(left.subarray(column * a.memberCount, (column + 1) * a.memberCount), at);
      into.set(right.subarray(column * b.memberCount, (column + 1) * b.memberCount), at + a.memberCount);
    }
    return into;
  };
  return {
    ...a,
    memberCount: a.memberCount + b.memberCount,
    firstHalf: a.memberCount,
    weights: beside(a.weights, b.weights),
    missingWeights: beside(a.missingWeights, b.missingWeights),
    intercept: Float32Array.of(...a.intercept, ...b.intercept),
  };
}

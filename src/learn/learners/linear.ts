import { designMatrix, linearGain, linearPredictor, type DesignMatrix } from './design-matrix.js';
import { solveIntercept } from './intercept.js';
import { declareLearner } from './learner.js';
import { meanLoss, type Targets } from './logistic-loss.js';
import { meanOne } from './weights.js';

/**
 * Elastic-net logistic regression with offsets: minimises Σ w·loss / Σ w + penalty·( l1Ratio·|β|₁ + (1 − l1Ratio)/2·|β|² )
 * over standardised columns and indicators of missing; the intercept is free. One member. It draws nothing: the seed does
 * not matter.
 */
export const linear = declareLearner({
  summary: 'a logistic regression',
  correction: 'offsets',
  settings: {
    penalty: {
      default: 1e-4,
      atLeast: 0,
      text: 'Elastic-net penalty on the weights of standardised columns, per row',
    },
    l1Ratio: { default: 0, atLeast: 0, atMost: 1, text: 'Share of the penalty that is L1: 0 is ridge, 1 is lasso' },
    maxSteps: { default: 500, isInteger: true, above: 0, text: 'Maximum steps of the optimiser' },
    tolerance: { default: 1e-6, above: 0, text: 'The fit ends when no weight moves by more than this in a step' },
  },
  members: () => 1,
  fit(training, { settings: { penalty, l1Ratio, maxSteps, tolerance }, reference }) {
    const design = designMatrix(training, reference);
    const parameters = minimise(
      design,
      { labels: training.labels, offsets: training.offsets, weights: meanOne(training.weights) },
      { l1: penalty * l1Ratio, l2: penalty * (1 - l1Ratio) },
      { maxSteps, tolerance },
    );
    const weights = parameters.subarray(0, design.width);
    return {
      predictor: linearPredictor(design, weights, parameters[design.width]!),
      gain: linearGain(design, weights),
    };
  },
});

/**
 * Accelerated proximal gradient with backtracking and restart. Ends when no parameter moves by more than `tolerance`.
 * Source: Beck & Teboulle 2009 (FISTA with backtracking); O'Donoghue & Candès 2015 (gradient restart).
 */
function minimise(
  design: DesignMatrix,
  targets: Targets,
  { l1, l2 }: { readonly l1: number; readonly l2: number },
  { maxSteps, tolerance }: { readonly maxSteps: number; readonly tolerance: number },
): Float64Array {
  const size = design.width + 1;
  let point = new Float64Array(size);
  point[design.width] = solveIntercept(targets.labels, targets.offsets, targets.weights);
  let ahead = point.slice();
  const gradient = new Float64Array(size);
  // Below the true curvature of rare clicks; backtracking raises it as needed.
  let curvature = 0.01;
  let momentum = 1;
  for (let step = 0; step < maxSteps; step++) {
    const loss = meanLoss(design, targets, ahead, gradient);
    let next = proximalStep(ahead, gradient, curvature, l1, l2);
    while (meanLoss(design, targets, next) > quadraticBound(loss, gradient, ahead, next, curvature) + 1e-14) {
      curvature *= 2;
      next = proximalStep(ahead, gradient, curvature, l1, l2);
    }
    let largestMove = 0;
    let uphill = 0;
    for (let j = 0; j < size; j++) {
      largestMove = Math.max(largestMove, Math.abs(next[j]! - point[j]!), Math.abs(next[j]! - ahead[j]!));
      uphill += (ahead[j]! - next[j]!) * (next[j]! - point[j]!);
    }
    const nextMomentum = uphill > 0 ? 1 : (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
    const push = uphill > 0 ? 0 : (momentum - 1) / nextMomentum;
    ahead = next.map((value, j) => value + push * (value - point[j]!));
    point = next;
    momentum = nextMomentum;
    if (largestMove < tolerance) break;
  }
  return point;
}

/** A gradient step, then the exact minimum of the penalties around it; the intercept (last) has none. */
function proximalStep(
  from: Float64Array,
  gradient: Float64Array,
  curvature: number,
  l1: number,
  l2: number,
): Float64Array<ArrayBuffer> {
  const next = new Float64Array(from.length);
  const last = from.length - 1;
  for (let j = 0; j < last; j++) {
    const moved = from[j]! - gradient[j]! / curvature;
    next[j] = (Math.sign(moved) * Math.max(0, Math.abs(moved) - l1 / curvature)) / (1 + l2 / curvature);
  }
  next[last] = from[last]! - gradient[last]! / curvature;
  return next;
}

function quadraticBound(
  loss: number,
  gradient: Float64Array,
  from: Float64Array,
  to: Float64Array,
  curvature: number,
): number {
  let bound = loss;
  for (let j = 0; j < from.length; j++) {
    const move = to[j]! - from[j]!;
    bound += gradient[j]! * move + (curvature / 2) * move * move;
  }
  return bound;
}

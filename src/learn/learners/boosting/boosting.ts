import type { FitContext, Fitted } from '../../../ports/learner.js';
import type { TrainingRows } from '../../../ports/trainer.js';
import { binRows, MAX_VALUE_BINS } from '../bins.js';
import { checkRows } from '../check-rows.js';
import { sigmoid, solveIntercept } from '../intercept.js';
import { seededRandom } from '../random.js';
import { normalised } from '../refill.js';
import { numberOf } from '../settings.js';
import { TreeBuilder } from '../tree-builder.js';
import { meanOne } from '../weights.js';
import { BestRound } from './best-round.js';
import { TreeGrower, type Gradients, type GrowLimits } from './grow-tree.js';
import { complement, drawSorted } from './row-parts.js';

/**
 * Histogram gradient boosting for log loss: a member is a run of trees grown leaf by leaf on second-order gains, each on a
 * random share of rows and columns. The margin of every row starts at the intercept plus its log-odds offset, so what is
 * learned, and predicted, is without the offset. Members differ by what they draw; with every row and column drawn they
 * are equal. The probability is the mean of the members' probabilities, so that p̄ and the spread of committee-loss fit.
 *
 * Weights are scaled to mean 1 first: `l2` and `minChildHessian` then mean the same whatever the inclusion probabilities.
 * With `stoppingFraction` > 0 the last rows (the newest, when rows come in time order) are not fitted on, and a member
 * ends `stoppingRounds` rounds after its lowest log loss on them.
 *
 * Settings: rounds, members, learningRate, leaves, l2, minChildRows, minChildHessian, columnFraction, rowFraction, bins,
 * stoppingFraction, stoppingRounds. Throws `fit-failed`.
 * Source: Ke et al. 2017, LightGBM; Chen & Guestrin 2016, XGBoost.
 */
export function boostingLearner(training: TrainingRows, { seed, settings }: FitContext): Fitted {
  checkRows('boosting', training);
  const bins = binRows(training, Math.max(2, Math.min(MAX_VALUE_BINS, numberOf(settings, 'bins', MAX_VALUE_BINS))));
  const limits: GrowLimits = {
    leaves: numberOf(settings, 'leaves', 15),
    learningRate: numberOf(settings, 'learningRate', 0.08),
    l2: numberOf(settings, 'l2', 20),
    minChildRows: numberOf(settings, 'minChildRows', 10),
    minChildHessian: numberOf(settings, 'minChildHessian', 1e-3),
  };
  const gain = new Float64Array(training.columnCount);
  const grower = new TreeGrower(bins, limits, gain);
  const rows = { ...training, weights: meanOne(training.weights) };
  const intercept = Math.fround(solveIntercept(rows.labels, rows.offsets, rows.weights));
  const members = Math.max(1, numberOf(settings, 'members', 1));
  const builder = new TreeBuilder();
  for (let member = 0; member < members; member++)
    growMember(builder, grower, rows, { seed, settings }, intercept, member);
  return {
    predictor: builder.build(training.columnCount, new Float32Array(members).fill(intercept), 'logistic'),
    gain: normalised(gain),
  };
}

function growMember(
  builder: TreeBuilder,
  grower: TreeGrower,
  training: TrainingRows,
  { seed, settings }: FitContext,
  intercept: number,
  member: number,
): void {
  const { rowCount, columnCount } = training;
  const random = seededRandom(seed, member);
  const fitCount = rowCount - Math.floor(rowCount * Math.min(0.5, numberOf(settings, 'stoppingFraction', 0)));
  const rowTake = share(fitCount, numberOf(settings, 'rowFraction', 0.8));
  const columnTake = share(columnCount, numberOf(settings, 'columnFraction', 0.6));
  const margins = Float64Array.from(training.offsets, (offset) => offset + intercept);
  const gradients: Gradients = { gradient: new Float64Array(rowCount), hessian: new Float64Array(rowCount) };
  const best = new BestRound(training, fitCount, numberOf(settings, 'stoppingRounds', 20));
  const treesBefore = builder.treeCount;
  for (let round = 0; round < numberOf(settings, 'rounds', 150) && !best.isOver(round); round++) {
    derive(gradients, margins, training);
    const drawn = drawSorted(fitCount, rowTake, random);
    grower.grow(
      builder,
      member,
      gradients,
      drawn,
      complement(rowCount, drawn),
      drawSorted(columnCount, columnTake, random),
      margins,
    );
    best.judge(round, margins);
  }
  if (fitCount < rowCount) builder.keepTrees(treesBefore + best.rounds);
}

/** Gradient w·(p − y) and hessian w·p·(1 − p) of the log loss by the margin. */
function derive({ gradient, hessian }: Gradients, margins: Float64Array, { labels, weights }: TrainingRows): void {
  for (let i = 0; i < margins.length; i++) {
    const p = sigmoid(margins[i]!);
    const w = weights[i]!;
    gradient[i] = w * (p - labels[i]!);
    hessian[i] = w * p * (1 - p);
  }
}

function share(count: number, fraction: number): number {
  return Math.max(1, Math.min(count, Math.round(count * fraction)));
}

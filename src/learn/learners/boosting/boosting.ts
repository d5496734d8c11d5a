import type { Fitted } from '../../../ports/learner.js';
import type { TrainingRows } from '../../../ports/trainer.js';
import { binRows, MAX_VALUE_BINS } from '../bins.js';
import { sigmoid, solveIntercept } from '../intercept.js';
import { declareLearner, type SettingsOf } from '../learner.js';
import { seededRandom } from '../random.js';
import { normalised } from '../refill.js';
import { TreeBuilder } from '../tree-builder.js';
import { meanOne } from '../weights.js';
import { BestRound } from './best-round.js';
import { TreeGrower, type Gradients, type GrowLimits } from './grow-tree.js';
import { complement, drawSorted } from './row-parts.js';

const SETTINGS = {
  rounds: {
    default: 150,
    isInteger: true,
    above: 0,
    text: 'Boosting rounds, hence trees per member',
    lightgbm: 'num_iterations',
  },
  members: {
    default: 1,
    isInteger: true,
    above: 0,
    text: 'Committee members, each a boosted model on its own draw of rows and columns; committee-loss and disagreement need more than 1',
  },
  learningRate: {
    default: 0.08,
    above: 0,
    atMost: 1,
    text: 'Factor on the leaf values of each tree; smaller needs more rounds',
    lightgbm: 'learning_rate',
  },
  leaves: { default: 15, isInteger: true, above: 0, text: 'Maximum leaves per tree', lightgbm: 'num_leaves' },
  l2: { default: 20, atLeast: 0, text: 'L2 regularisation of leaf values', lightgbm: 'lambda_l2' },
  minChildRows: { default: 10, isInteger: true, above: 0, text: 'Minimum rows per leaf', lightgbm: 'min_data_in_leaf' },
  minChildHessian: {
    default: 1e-3,
    atLeast: 0,
    text: 'Minimum sum of hessians p·(1 − p) per leaf',
    lightgbm: 'min_sum_hessian_in_leaf',
  },
  columnFraction: {
    default: 0.6,
    atLeast: 0,
    atMost: 1,
    text: 'Share of the columns that each tree may use, drawn anew for each; at least one column',
    lightgbm: 'feature_fraction',
  },
  rowFraction: {
    default: 0.8,
    atLeast: 0,
    atMost: 1,
    text: 'Share of the rows that each tree is fitted on, drawn anew for each; at least one row',
    lightgbm: 'bagging_fraction, with bagging_freq = 1',
  },
  bins: {
    default: MAX_VALUE_BINS,
    isInteger: true,
    atLeast: 2,
    atMost: MAX_VALUE_BINS,
    text: 'Maximum bins per column that splits are searched between',
    lightgbm: 'max_bin',
  },
  stoppingFraction: {
    default: 0,
    atLeast: 0,
    atMost: 0.5,
    text: 'Share of the rows, the newest, held back for early stopping: a fit ends where their log loss is lowest; 0: no early stopping',
  },
  stoppingRounds: {
    default: 20,
    isInteger: true,
    above: 0,
    text: 'Early stopping: a member ends after this many rounds without a lower log loss',
    lightgbm: 'early_stopping_round',
  },
} as const;
type Settings = SettingsOf<typeof SETTINGS>;

/**
 * Histogram gradient boosting for log loss: a member is a run of trees grown leaf by leaf on second-order gains, each on a
 * random share of rows and columns. The margin of every row starts at the intercept plus its log-odds offset, so what is
 * learned, and predicted, is without the offset. Members differ by what they draw; with every row and column drawn they
 * are equal. The probability is the mean of the members' probabilities, so that p̄ and the spread of committee-loss fit.
 *
 * Weights are scaled to mean 1 first: `l2` and `minChildHessian` then mean the same whatever the inclusion probabilities.
 * With `stoppingFraction` > 0 the last rows (the newest, when rows come in time order) are not fitted on, and a member
 * ends `stoppingRounds` rounds after its lowest log loss on them.
 * Source: Ke et al. 2017, LightGBM; Chen & Guestrin 2016, XGBoost.
 */
export const boosting = declareLearner({
  summary: 'gradient-boosted trees, several members if asked',
  correction: 'offsets',
  settings: SETTINGS,
  members: ({ members }) => members,
  fit: (training, { seed, settings }) => fitted(training, seed, settings),
});

function fitted(training: TrainingRows, seed: number, settings: Settings): Fitted {
  const bins = binRows(training, settings.bins);
  const limits: GrowLimits = settings;
  const gain = new Float64Array(training.columnCount);
  const grower = new TreeGrower(bins, limits, gain);
  const rows = { ...training, weights: meanOne(training.weights) };
  const intercept = Math.fround(solveIntercept(rows.labels, rows.offsets, rows.weights));
  const { members } = settings;
  const builder = new TreeBuilder();
  for (let member = 0; member < members; member++) growMember(builder, grower, rows, seed, settings, intercept, member);
  return {
    predictor: builder.build(training.columnCount, new Float32Array(members).fill(intercept), 'logistic'),
    gain: normalised(gain),
  };
}

function growMember(
  builder: TreeBuilder,
  grower: TreeGrower,
  training: TrainingRows,
  seed: number,
  settings: Settings,
  intercept: number,
  member: number,
): void {
  const { rowCount, columnCount } = training;
  const random = seededRandom(seed, member);
  const fitCount = rowCount - Math.floor(rowCount * settings.stoppingFraction);
  const rowTake = share(fitCount, settings.rowFraction);
  const columnTake = share(columnCount, settings.columnFraction);
  const margins = Float64Array.from(training.offsets, (offset) => offset + intercept);
  const gradients: Gradients = { gradient: new Float64Array(rowCount), hessian: new Float64Array(rowCount) };
  const best = new BestRound(training, fitCount, settings.stoppingRounds);
  const treesBefore = builder.treeCount;
  for (let round = 0; round < settings.rounds && !best.isOver(round); round++) {
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

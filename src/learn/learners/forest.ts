import { SluiceError } from '../../errors.js';
import type { Fitted, GrownNode, GrowTree } from '../../ports/learner.js';
import type { TrainingRows } from '../../ports/trainer.js';
import { binRows } from './bins.js';
import { balancedBootstrap, classSampler } from './bootstrap.js';
import { declareLearner, type SettingsOf } from './learner.js';
import { seededRandom } from './random.js';
import { refillLeaves } from './refill.js';
import { TreeBuilder } from './tree-builder.js';

const SETTINGS = {
  trees: { default: 50, isInteger: true, above: 0, text: 'Trees, each a committee member', lightgbm: 'num_iterations' },
  rowsPerTree: {
    default: 1_200,
    isInteger: true,
    above: 0,
    text: 'Rows of the class-balanced bootstrap that each tree is grown on; the time of a fit is quadratic in it',
  },
  maxDepth: { default: 12, isInteger: true, above: 0, text: 'Maximum depth of a tree', lightgbm: 'max_depth' },
  leafShrinkage: {
    default: 20,
    atLeast: 0,
    text: 'Weight of the base rate in every leaf, in rows; larger pulls small leaves towards it',
    lightgbm: 'path_smooth',
  },
  columnFraction: {
    default: 0.8,
    atLeast: 0,
    atMost: 1,
    text: 'Share of the columns that each tree may use; fewer is faster and makes trees differ more, but weakens those that miss the best columns',
    lightgbm: 'feature_fraction',
  },
  minNodeRows: {
    default: 20,
    isInteger: true,
    above: 0,
    text: 'A node of this many bootstrap rows or fewer is a leaf',
  },
  bins: {
    default: 32,
    isInteger: true,
    atLeast: 2,
    atMost: 250,
    text: 'Maximum bins per column that splits are searched between; the time of a fit grows with it',
    lightgbm: 'max_bin',
  },
} as const;
type Settings = SettingsOf<typeof SETTINGS>;

/** The library takes no share of 0. */
const LEAST_FRACTION = 1e-9;

/**
 * A committee of trees, one member each: every tree is grown on a class-balanced bootstrap drawn in proportion to weight,
 * and its leaves are refilled over all kept rows ({@link refillLeaves}), which undoes the balancing and honours weights
 * and log-odds offsets.
 *
 * Trees are grown on bin codes, not on values: the library tries every place where neighbouring labels differ, so few
 * distinct values and rows sorted by label keep its quadratic search short. Missing is the largest code, hence goes right
 * at every split, as a NaN does at inference. A split between two bins becomes their float32 bound, exactly.
 *
 * Throws `fit-failed` with fewer than two rows of either class.
 */
export const forest = declareLearner({
  summary: 'a random forest, a member per tree',
  correction: 'weights',
  settings: SETTINGS,
  members: ({ trees }) => trees,
  halved: (settings) => {
    const half = Math.ceil(settings.trees / 2);
    return half === settings.trees
      ? undefined
      : [
          { ...settings, trees: half },
          { ...settings, trees: settings.trees - half },
        ];
  },
  fit: (training, { seed, settings, growTree }) => fitted(training, seed, settings, growTree),
});

function fitted(training: TrainingRows, seed: number, settings: Settings, grow: GrowTree): Fitted {
  const { rowCount, columnCount } = training;
  const { trees } = settings;
  const negatives = classSampler(training, 0);
  const positives = classSampler(training, 1);
  if (Math.min(negatives.rowCount, positives.rowCount) < 2)
    throw new SluiceError('fit-failed', {
      learner: 'forest',
      rows: rowCount,
      why: `${positives.rowCount} positive and ${negatives.rowCount} negative labels are too few`,
    });
  const bins = binRows(training, settings.bins);
  const builder = new TreeBuilder();
  for (let t = 0; t < trees; t++) {
    const random = seededRandom(seed, t);
    const drawn = balancedBootstrap(negatives, positives, settings.rowsPerTree, random);
    const rows = new Float64Array(drawn.length * columnCount);
    for (let c = 0; c < columnCount; c++)
      for (let i = 0; i < drawn.length; i++) rows[i * columnCount + c] = bins.codes[c * rowCount + drawn[i]!]!;
    const root = grow({
      rows,
      rowCount: drawn.length,
      columnCount,
      targets: Uint8Array.from(drawn, (row) => training.labels[row]!),
      columnFraction: Math.max(LEAST_FRACTION, settings.columnFraction),
      maxDepth: settings.maxDepth,
      minNodeRows: settings.minNodeRows,
      seed: Math.floor(random() * 0x7fffffff),
    });
    builder.beginTree(t);
    graft(builder, builder.leaf(), root, bins.bounds);
  }
  const grown = builder.build(columnCount, new Float32Array(trees), 'identity');
  const { value, gain } = refillLeaves(grown, training, settings.leafShrinkage);
  return { predictor: { ...grown, value }, gain };
}

function graft(builder: TreeBuilder, at: number, node: GrownNode, bounds: readonly Float32Array[]): void {
  if (node === null) return;
  const bound = boundOfSplit(bounds[node.column]!, node.threshold);
  // A split between all values and missing, said so that infinite values count as values: nothing is below −Infinity.
  const isMissingSplit = bound === undefined;
  const left = builder.split(at, node.column, bound ?? -Infinity, isMissingSplit);
  graft(builder, left, isMissingSplit ? node.right : node.left, bounds);
  graft(builder, left + 1, isMissingSplit ? node.left : node.right, bounds);
}

/**
 * The float32 bound that parts the bins a split over codes parts: codes below `split` are those up to ceil(split) − 1.
 * Undefined for a split between the last value bin and missing.
 */
function boundOfSplit(bounds: Float32Array, split: number): number | undefined {
  return bounds[Math.ceil(split) - 1];
}

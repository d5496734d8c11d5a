import { SluiceError } from '../../errors.js';
import type { Fitted, GrownNode, GrowTree, Learner } from '../../ports/learner.js';
import { binRows } from './bins.js';
import { balancedBootstrap, classSampler } from './bootstrap.js';
import { checkRows } from './check-rows.js';
import { seededRandom } from './random.js';
import { refillLeaves } from './refill.js';
import { numberOf } from './settings.js';
import { TreeBuilder } from './tree-builder.js';

/**
 * A committee of trees, one member each: every tree is grown on a class-balanced bootstrap drawn in proportion to weight,
 * and its leaves are refilled over all kept rows ({@link refillLeaves}), which undoes the balancing and honours weights
 * and log-odds offsets.
 *
 * Trees are grown on bin codes, not on values: the library tries every place where neighbouring labels differ, so few
 * distinct values and rows sorted by label keep its quadratic search short. Missing is the largest code, hence goes right
 * at every split, as a NaN does at inference. A split between two bins becomes their float32 bound, exactly.
 *
 * Settings: trees, rowsPerTree, maxDepth, leafShrinkage, columnFraction, minNodeRows, bins. Throws `fit-failed` with
 * one class only or fewer than two rows of either.
 */
export function forestLearner(grow: GrowTree): Learner {
  return (training, { seed, settings }): Fitted => {
    checkRows('forest', training);
    const { rowCount, columnCount } = training;
    const trees = numberOf(settings, 'trees', 50);
    const negatives = classSampler(training, 0);
    const positives = classSampler(training, 1);
    if (Math.min(negatives.rowCount, positives.rowCount) < 2)
      throw new SluiceError('fit-failed', {
        learner: 'forest',
        rows: rowCount,
        why: `${positives.rowCount} positive and ${negatives.rowCount} negative labels are too few`,
      });
    const bins = binRows(training, Math.min(250, numberOf(settings, 'bins', 32)));
    const builder = new TreeBuilder();
    for (let t = 0; t < trees; t++) {
      const random = seededRandom(seed, t);
      const drawn = balancedBootstrap(negatives, positives, numberOf(settings, 'rowsPerTree', 1_200), random);
      const rows = new Float64Array(drawn.length * columnCount);
      for (let c = 0; c < columnCount; c++)
        for (let i = 0; i < drawn.length; i++) rows[i * columnCount + c] = bins.codes[c * rowCount + drawn[i]!]!;
      const root = grow({
        rows,
        rowCount: drawn.length,
        columnCount,
        targets: Uint8Array.from(drawn, (row) => training.labels[row]!),
        columnFraction: Math.min(1, Math.max(1e-9, numberOf(settings, 'columnFraction', 0.8))),
        maxDepth: numberOf(settings, 'maxDepth', 12),
        minNodeRows: numberOf(settings, 'minNodeRows', 20),
        seed: Math.floor(random() * 0x7fffffff),
      });
      builder.beginTree(t);
      graft(builder, builder.leaf(), root, bins.bounds);
    }
    const grown = builder.build(columnCount, new Float32Array(trees), 'identity');
    const { value, gain } = refillLeaves(grown, training, numberOf(settings, 'leafShrinkage', 20));
    return { predictor: { ...grown, value }, gain };
  };
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
export function boundOfSplit(bounds: Float32Array, split: number): number | undefined {
  return bounds[Math.ceil(split) - 1];
}

import { growTree } from '../../../src/adapters/forest/grow-tree.js';
import { learnersWith } from '../../../src/learn/learners/index.js';
import { describe, expect, it } from 'vitest';
import { leafOf, predictWith } from '../../../src/learn/learners/predict-with.js';
import type { TreeEnsemble } from '../../../src/ports/learner.js';
import type { TrainingRows } from '../../../src/ports/trainer.js';
import { clickRows, sliceRows } from '../../../src/lab/laws/click-rows.js';
import { normalisedEntropyOf } from '../../../src/lab/laws/judge.js';

const learners = learnersWith(growTree);

const all = clickRows(12_000, 12, 2, -2);
const train = sliceRows(all, 0, 6_000);
const judge = sliceRows(all, 6_000, 12_000);

function fit(training: TrainingRows, settings: Record<string, number>, seed = 1): TreeEnsemble {
  const { predictor } = learners.boosting(training, { seed, settings });
  if (predictor.kind !== 'trees') throw new Error('boosting is trees');
  return predictor;
}

function entropyOf(trees: TreeEnsemble): number {
  return normalisedEntropyOf(predictWith(trees, judge.rows, judge.rowCount).probability, judge.labels);
}

describe('boosting', () => {
  it('no tree has more leaves than asked for, nor a leaf with fewer rows', () => {
    const trees = fit(train, { rounds: 20, leaves: 7, minChildRows: 40, rowFraction: 1 });
    for (let t = 0; t < 20; t++) {
      const rowsOfLeaf = new Map<number, number>();
      for (let i = 0; i < train.rowCount; i++) {
        const leaf = leafOf(trees, trees.roots[t]!, train.rows, i * 12);
        rowsOfLeaf.set(leaf, (rowsOfLeaf.get(leaf) ?? 0) + 1);
      }
      const nodes = (trees.roots[t + 1] ?? trees.column.length) - trees.roots[t]!;
      expect(rowsOfLeaf.size).toBe((nodes + 1) / 2);
      expect(rowsOfLeaf.size).toBeLessThanOrEqual(7);
      for (const count of rowsOfLeaf.values()) expect(count).toBeGreaterThanOrEqual(40);
    }
  });

  it('more rounds never raise the log loss on the rows fitted on', () => {
    const losses = [0, 1, 5, 20, 60].map((rounds) => {
      const trees = fit(train, { rounds, rowFraction: 1, columnFraction: 1 });
      return normalisedEntropyOf(predictWith(trees, train.rows, train.rowCount).probability, train.labels);
    });
    losses.forEach((loss, i) => i > 0 && expect(loss).toBeLessThan(losses[i - 1]!));
    expect(losses[0]).toBeCloseTo(1, 6);
  });

  it('ends at its lowest log loss on the held-back rows, and is better for it', () => {
    const settings = { rounds: 400, learningRate: 0.3, l2: 0, leaves: 31 };
    const stopped = fit(train, { ...settings, stoppingFraction: 0.25 });
    expect(stopped.roots.length).toBeGreaterThan(0);
    expect(stopped.roots.length).toBeLessThan(100);
    expect(entropyOf(stopped)).toBeLessThan(entropyOf(fit(train, settings)));
  });

  it('the scale of the weights changes nothing', () => {
    const heavy = fit({ ...train, weights: train.weights.map(() => 16) }, { rounds: 10 });
    expect(heavy).toEqual(fit(train, { rounds: 10 }));
  });

  it('missing goes where the labels say, both ways', () => {
    for (const missingClicks of [true, false]) {
      const training = clickRows(3_000, 12, 6, -2);
      for (let i = 0; i < 3_000; i++) {
        const isMissing = i % 4 === 0;
        training.rows[i * 12 + 5] = isMissing ? NaN : 1 + (i % 10);
        const clicks = isMissing ? missingClicks : i % 10 > 6;
        training.labels[i] = clicks ? 1 : 0;
      }
      const trees = fit(training, { rounds: 60, columnFraction: 1, l2: 1, learningRate: 0.3 });
      const { probability } = predictWith(trees, training.rows, 3_000);
      probability.forEach((p, i) => expect(p > 0.5).toBe(training.labels[i] === 1));
    }
  });

  it('members are a committee: each alone is a model, and they differ', () => {
    const trees = fit(train, { rounds: 30, members: 4 });
    const { members } = predictWith(trees, judge.rows, judge.rowCount);
    const byMember = [0, 1, 2, 3].map((k) =>
      Float32Array.from({ length: judge.rowCount }, (_, i) => members[i * 4 + k]!),
    );
    for (const own of byMember) expect(normalisedEntropyOf(own, judge.labels)).toBeLessThan(0.95);
    expect(new Set(byMember.map((own) => own[0])).size).toBe(4);
    expect(entropyOf(trees)).toBeLessThan(Math.max(...byMember.map((own) => normalisedEntropyOf(own, judge.labels))));
  });
});

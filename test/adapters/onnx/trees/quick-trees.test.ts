import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { growTree } from '../../../../src/adapters/forest/grow-tree.js';
import { calibratedOnnx } from '../../../../src/adapters/onnx/calibrated-onnx.js';
import { onnxModelLoader } from '../../../../src/adapters/onnx/model.js';
import { ONE_THREAD, wholeGraph, type Scoring } from '../../../../src/adapters/onnx/scoring.js';
import { leafSums, MOST_LEAVES } from '../../../../src/adapters/onnx/trees/leaf-sums.js';
import { quickTrees } from '../../../../src/adapters/onnx/trees/quick-trees.js';
import { predictorGraph, writeOnnx } from '../../../../src/adapters/onnx/writer/index.js';
import { learnersWith } from '../../../../src/learn/learners/index.js';
import { leafOf } from '../../../../src/learn/learners/predict-with.js';
import type { TreeEnsemble } from '../../../../src/ports/learner.js';
import { clickRows } from '../../../../src/lab/laws/click-rows.js';
import { randomTrees, rowsAbout } from './random-trees.js';

const COLUMNS = 12;
const ROWS = 2_048;
const OUTPUTS = ['probability', 'members'];
const training = clickRows(6_000, COLUMNS, 8, -2);
const folds = Uint8Array.from({ length: training.rowCount }, (_, i) => (i * 7_919) & 1);
const { boosting, forest, linear } = learnersWith(growTree);
const fitted = { seed: 1, settings: { rounds: 40, members: 3, trees: 5, epochs: 2 }, folds };

describe('leaf sums', () => {
  it('are the leaves of every tree added in float32 in their order, whatever the trees and rows', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const trees = randomTrees(seed, { columnCount: 7, memberCount: 1 + (seed % 3), treeCount: 1 + seed });
      const rowCount = [0, 1, 7, 8, 9, 100][seed % 6]!;
      const rows = rowsAbout(trees, rowCount, seed);
      expect(leafSums(trees, 100)!.sum(rows, rowCount)).toEqual(addedUp(trees, rows, rowCount));
    }
  });

  it('of one call do not depend on the call before', () => {
    const trees = randomTrees(3, { columnCount: 5, memberCount: 2, treeCount: 20 });
    const quick = leafSums(trees, 64)!;
    const rows = rowsAbout(trees, 64, 1);
    const first = quick.sum(rows, 64);
    const kept = Float32Array.from(first);
    quick.sum(rowsAbout(trees, 11, 2), 11);
    expect(first).toEqual(kept);
    expect(quick.sum(rows, 64)).toEqual(kept);
  });

  it('are not for a tree with more leaves than a mask has bits', () => {
    const [largest, tooLarge] = [MOST_LEAVES, MOST_LEAVES + 1].map((leafCount) =>
      randomTrees(5, { columnCount: 3, memberCount: 1, treeCount: 2, leafCount }),
    );
    expect(leafSums(largest!, 8)).toBeDefined();
    expect(leafSums(tooLarge!, 8)).toBeUndefined();
  });
});

describe('trees beside onnxruntime', () => {
  const { predictor } = boosting(training, fitted);
  const plain = writeOnnx(predictorGraph(predictor));
  const recalibrated = calibratedOnnx(
    { onnx: plain, columnCount: COLUMNS, memberCount: 3 },
    { slope: 0.9, intercept: 0.2 },
  )!;

  it.each([
    ['as fitted', plain],
    ['recalibrated', recalibrated],
  ])('score a boosting snapshot, %s, to the bit as the file does', async (_, onnx) => {
    const { quick, whole } = await both(onnx);
    const rows = Float32Array.from(training.rows.subarray(0, ROWS * COLUMNS), (x, i) => (i % 17 === 0 ? NaN : x));
    for (const rowCount of [1, 5, 2_000, ROWS]) {
      const [a, b] = await Promise.all(
        [quick!, whole].map((one) => one.run(rows.subarray(0, rowCount * COLUMNS), rowCount, OUTPUTS)),
      );
      for (const name of OUTPUTS) expect(a![name]!.data).toEqual(b![name]!.data);
    }
    await quick!.release();
    await whole.release();
  });

  it('score what the loader loads', async () => {
    const { whole } = await both(plain);
    const model = await onnxModelLoader().load(plain, 'v', 'f');
    const { probability } = await model.predict(training.rows, training.rowCount);
    const rows = training.rows.subarray(0, ROWS * COLUMNS);
    expect(probability.subarray(0, ROWS)).toEqual((await whole.run(rows, ROWS, OUTPUTS))['probability']!.data);
    await model.close();
    await whole.release();
  });

  it.each([
    ['a linear model', () => linear(training, fitted).predictor],
    ['a forest, whose trees are large', () => forest(training, fitted).predictor],
    ['trees of more leaves', () => boosting(training, { ...fitted, settings: { rounds: 3, leaves: 31 } }).predictor],
  ])('leave %s to onnxruntime', async (_, fit) => {
    const { quick, whole } = await both(writeOnnx(predictorGraph(fit())));
    expect(quick).toBeUndefined();
    await whole.release();
  });

  it('do not score when the whole file answers otherwise, be it by the last bit of one row', async () => {
    const { whole } = await both(plain);
    const other: Scoring = {
      ...whole,
      async run(rows, rowCount, outputs) {
        const answers = await whole.run(rows, rowCount, outputs);
        const probability = Float32Array.from(answers['probability']!.data as Float32Array);
        new Uint32Array(probability.buffer)[1_000]! ^= 1;
        return { ...answers, probability: new ort.Tensor('float32', probability, [rowCount]) };
      },
    };
    expect(await quickTrees(plain, { columnCount: COLUMNS, memberCount: 3, rowCount: ROWS }, other)).toBeUndefined();
    await whole.release();
  });
});

async function both(onnx: Uint8Array) {
  const whole = wholeGraph(await ort.InferenceSession.create(onnx, ONE_THREAD), COLUMNS);
  const { members } = await whole.run(training.rows.subarray(0, COLUMNS), 1, OUTPUTS);
  const facts = { columnCount: COLUMNS, memberCount: members!.size, rowCount: ROWS };
  return { whole, quick: await quickTrees(onnx, facts, whole) };
}

/** The definition: tree by tree, from root to leaf. */
function addedUp(trees: TreeEnsemble, rows: Float32Array, rowCount: number): Float32Array {
  const { memberCount, columnCount, base } = trees;
  const sums = new Float32Array(rowCount * memberCount);
  for (let row = 0; row < rowCount; row++) {
    trees.roots.forEach((root, tree) => {
      sums[row * memberCount + trees.memberOfTree[tree]!]! +=
        trees.value[leafOf(trees, root, rows, row * columnCount)]!;
    });
    base.forEach((value, member) => (sums[row * memberCount + member]! += value));
  }
  return sums;
}

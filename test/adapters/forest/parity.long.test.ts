import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { growTree } from '../../../src/adapters/forest/grow-tree.js';
import { onnxModelLoader } from '../../../src/adapters/onnx/model.js';
import { predictorGraph, writeOnnx } from '../../../src/adapters/onnx/writer/index.js';
import { float32AtLeast, nextFloat32Up } from '../../../src/learn/learners/float32.js';
import { learnersWith } from '../../../src/learn/learners/index.js';
import { predictWith } from '../../../src/learn/learners/predict-with.js';
import { TreeBuilder } from '../../../src/learn/learners/tree-builder.js';
import type { TreeEnsemble } from '../../../src/ports/learner.js';
import { clickRows } from '../../../src/lab/laws/click-rows.js';

async function membersByOnnx(trees: TreeEnsemble, rows: Float32Array, rowCount: number): Promise<Float32Array> {
  const model = await onnxModelLoader().load(writeOnnx(predictorGraph(trees)), 'v', 'f');
  const { members } = await model.predict(rows, rowCount);
  await model.close();
  return members;
}

const float32 = fc.oneof(
  fc.float(),
  fc.float({ min: -2, max: 2, noNaN: true }),
  fc.constantFrom(NaN, Infinity, -Infinity, 0, -0),
);

/** Three random trees over two columns, with adjacent floats around every threshold among the rows. */
const forest = fc
  .array(
    fc.record({
      splits: fc.array(
        fc.record({ at: fc.nat(), column: fc.nat(1), a: float32, b: float32, missingLeft: fc.boolean() }),
        { maxLength: 12 },
      ),
    }),
    { minLength: 3, maxLength: 3 },
  )
  .map((trees) => {
    const builder = new TreeBuilder();
    const around: number[] = [NaN, 0, Infinity, -Infinity];
    let leafNumber = 0;
    trees.forEach(({ splits }, t) => {
      builder.beginTree(t);
      const leaves = [builder.leaf(0.001)];
      for (const { at, column, a, b, missingLeft } of splits) {
        const middle = float32AtLeast((a + b) / 2);
        const threshold = Number.isNaN(middle) ? -Infinity : middle;
        const left = builder.split(leaves.splice(at % leaves.length, 1)[0]!, column, threshold, missingLeft);
        for (const leaf of [left, left + 1]) builder.setValue(leaf, 0.001 * ++leafNumber);
        leaves.push(left, left + 1);
        around.push(a, b, threshold);
        if (Number.isFinite(threshold)) around.push(nextFloat32Up(threshold), -nextFloat32Up(-threshold));
      }
    });
    return { trees: builder.build(2, new Float32Array(3), 'identity'), around: around.map(Math.fround) };
  });

describe('a forest in onnxruntime', () => {
  it('agrees with the walk to the last bit: neighbours of thresholds, missing and infinite values', async () => {
    await fc.assert(
      fc.asyncProperty(forest, async ({ trees, around }) => {
        const rows = Float32Array.from(around.flatMap((x) => around.flatMap((y) => [x, y])));
        expect(await membersByOnnx(trees, rows, rows.length / 2)).toEqual(
          predictWith(trees, rows, rows.length / 2).members,
        );
      }),
      { numRuns: 150 },
    );
  });

  it('agrees to the last bit on a fitted forest, at every threshold and its neighbours', async () => {
    const training = clickRows(3_000, 12, 9, -2);
    const { predictor } = learnersWith(growTree).forest(training, {
      seed: 3,
      settings: { trees: 10, rowsPerTree: 400, minNodeRows: 3 },
    });
    if (predictor.kind !== 'trees') throw new Error('a forest is trees');
    const rows: number[] = [];
    predictor.threshold.forEach((threshold, node) => {
      if (predictor.column[node]! < 0) return;
      for (const value of [threshold, nextFloat32Up(threshold), -nextFloat32Up(-threshold), NaN]) {
        const row = Array.from(training.rows.subarray((node % 3_000) * 12, (node % 3_000) * 12 + 12));
        row[predictor.column[node]!] = value;
        rows.push(...row);
      }
    });
    const values = Float32Array.from(rows);
    expect(values.length / 12).toBeGreaterThan(1_000);
    expect(await membersByOnnx(predictor, values, values.length / 12)).toEqual(
      predictWith(predictor, values, values.length / 12).members,
    );
  });

  it('sends missing where it went at the fit: right of every number', async () => {
    const training = clickRows(3_000, 2, 9, -2);
    for (let i = 0; i < 3_000; i++) {
      training.rows[2 * i] = i % 3 === 0 ? NaN : i % 5;
      training.rows[2 * i + 1] = 1;
      training.labels[i] = i % 3 === 0 && i % 2 === 0 ? 1 : 0;
    }
    const { predictor } = learnersWith(growTree).forest(training, {
      seed: 3,
      settings: { trees: 5, rowsPerTree: 400, columnFraction: 1 },
    });
    if (predictor.kind !== 'trees') throw new Error('a forest is trees');
    const members = await membersByOnnx(predictor, Float32Array.of(NaN, 1, 0, 1, 4, 1, Infinity, 1, -Infinity, 1), 5);
    const rate = Array.from(
      { length: 5 },
      (_, row) => members.subarray(row * 5, row * 5 + 5).reduce((sum, p) => sum + p, 0) / 5,
    );
    expect(rate[0]).toBeGreaterThan(0.45);
    for (const other of rate.slice(1)) expect(other).toBeLessThan(0.02);
  });
});

describe('the forest recipe', () => {
  it('learns from a column that parts the labels without error', () => {
    const training = clickRows(2_000, 12, 4, -2);
    for (let i = 0; i < 2_000; i++) training.rows[12 * i] = training.labels[i]! * 10 + (i % 4);
    const { predictor } = learnersWith(growTree).forest(training, {
      seed: 1,
      settings: { trees: 5, rowsPerTree: 400, leafShrinkage: 0, columnFraction: 1 },
    });
    const { probability } = predictWith(predictor, training.rows, 2_000);
    probability.forEach((p, i) => expect(p).toBeCloseTo(training.labels[i]!, 5));
  });

  it('refuses one click with a reason', () => {
    const training = clickRows(200, 12, 4, -2);
    training.labels.fill(0);
    training.labels[3] = 1;
    expect(() => learnersWith(growTree).forest(training, { seed: 1, settings: {} })).toThrow(
      /1 positive and 199 negative labels are too few/,
    );
  });
});

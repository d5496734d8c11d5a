import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { growTree } from '../../../src/adapters/forest/grow-tree.js';
import { calibratedOnnx } from '../../../src/adapters/onnx/calibrated-onnx.js';
import { onnxModelLoader } from '../../../src/adapters/onnx/model.js';
import { readPredictor } from '../../../src/adapters/onnx/reader/index.js';
import { predictorGraph, writeOnnx } from '../../../src/adapters/onnx/writer/index.js';
import { explain } from '../../../src/learn/explain/contributions.js';
import { LEAST_TO_SET_BY } from '../../../src/learn/learners/cross-fit.js';
import { LEAST_OF_A_CLASS } from '../../../src/learn/learners/halves.js';
import { LEARNER_NAMES, learnerNamed, learnersWith, predictWith } from '../../../src/learn/learners/index.js';
import { logit } from '../../../src/learn/learners/intercept.js';
import { settingsOf } from '../../../src/learn/learners/learner.js';
import { isOfProbabilities, membersOut } from '../../../src/ports/learner.js';
import { clickRows } from '../../../src/lab/laws/click-rows.js';

const COLUMNS = 12;
const training = clickRows(3_000, COLUMNS, 8, -2);
const folds = Uint8Array.from({ length: training.rowCount }, (_, i) => (i * 7919) & 1);
const learners = learnersWith(growTree);
const SETTINGS = { trees: 9, rowsPerTree: 300, rounds: 20, members: 3, epochs: 3 };
const SEED = 2;

type Outputs = Readonly<Record<'probability' | 'members' | 'logit_a' | 'logit_b' | 'logit', Float32Array>>;

async function outputsOf(onnx: Uint8Array, rows: Float32Array): Promise<Outputs> {
  const session = await ort.InferenceSession.create(onnx);
  const given = await session.run({ features: new ort.Tensor('float32', rows, [rows.length / COLUMNS, COLUMNS]) });
  await session.release();
  return Object.fromEntries(Object.entries(given).map(([name, { data }]) => [name, data])) as unknown as Outputs;
}

const cases = LEARNER_NAMES.map((name) => {
  const fit = (labels: Uint8Array) =>
    learners[name]({ ...training, labels }, { seed: SEED, settings: SETTINGS, folds }).predictor;
  const predictor = fit(training.labels);
  return { name, fit, predictor, onnx: writeOnnx(predictorGraph(predictor)) };
});

describe('a snapshot in two halves', () => {
  it.each(cases)('of $name has a committee of the size that is declared', ({ name, predictor }) => {
    const declared = learnerNamed(name);
    expect(membersOut(predictor)).toBe(declared.members(settingsOf(declared.settings, SETTINGS)));
  });

  it.each(cases)(
    'of $name: one half changes with the labels of the other by one constant at most',
    async ({ fit, predictor, onnx }) => {
      const rows = training.rows.subarray(0, 300 * COLUMNS);
      const plain = await outputsOf(onnx, rows);
      for (const [changed, own, other] of [
        [0, 'logit_a', 'logit_b'],
        [1, 'logit_b', 'logit_a'],
      ] as const) {
        const labels = training.labels.map((label, i) => (folds[i] === changed && i % 3 === 0 ? 1 - label : label));
        const moved = await outputsOf(writeOnnx(predictorGraph(fit(labels))), rows);
        const by = moved[other].map((z, i) => z - plain[other][i]!);
        if (isOfProbabilities(predictor)) expect(moved[other]).toEqual(plain[other]);
        for (const one of by) expect(one).toBeCloseTo(by[0]!, 4);
        expect(moved[own]).not.toEqual(plain[own]);
      }
    },
  );

  it.each(cases)('of $name: the three log-odds fit each other and the probability', async ({ predictor, onnx }) => {
    const rows = training.rows.subarray(0, 500 * COLUMNS);
    const given = await outputsOf(onnx, rows);
    const expected = predictWith(predictor, rows, 500);
    given.members.forEach((p, i) => expect(Math.abs(p - expected.members[i]!)).toBeLessThan(1e-5));
    given.probability.forEach((p, i) => expect(Math.abs(p - expected.probability[i]!)).toBeLessThan(1e-5));
    given.logit.forEach((z, i) => expect(z).toBeCloseTo((given.logit_a[i]! + given.logit_b[i]!) / 2, 4));
    if (membersOut(predictor) === 1)
      given.logit.forEach((z, i) => expect(z).toBeCloseTo(logit(given.probability[i]!), 2));
  });

  it.each(cases)('of $name reads back whole, and its paths sum to what it predicts', ({ predictor, onnx }) => {
    const read = readPredictor(onnx, COLUMNS, membersOut(predictor))!;
    expect(read).toEqual(predictor);
    const row = training.rows.subarray(0, COLUMNS);
    const { total } = explain(read, row, training.rows.subarray(0, 100 * COLUMNS));
    const { probability, members } = predictWith(read, row, 1);
    const meanLogit = members.reduce((sum, p) => sum + logit(p), 0) / members.length;
    expect(total).toBeCloseTo(isOfProbabilities(read) ? probability[0]! : meanLogit, 3);
  });

  it.each(cases)('of $name is recalibrated in all its outputs', async ({ predictor, onnx }) => {
    const file = { onnx, columnCount: COLUMNS, memberCount: membersOut(predictor) };
    const calibrated = calibratedOnnx(file, { slope: 0.8, intercept: -0.6 })!;
    const rows = training.rows.subarray(0, 200 * COLUMNS);
    const [before, after] = [await outputsOf(onnx, rows), await outputsOf(calibrated, rows)];
    // A tree of probabilities is bent leaf by leaf, so the log-odds of a mean are only about on the line.
    if (!isOfProbabilities(predictor))
      for (const name of ['logit_a', 'logit_b', 'logit'] as const)
        after[name].forEach((z, i) => expect(z).toBeCloseTo(0.8 * before[name][i]! - 0.6, 4));
    expect(readPredictor(calibrated, COLUMNS, file.memberCount)?.firstHalf).toBe(predictor.firstHalf);
  });

  it.each(cases)('of $name scores as any other', async ({ predictor, onnx }) => {
    const model = await onnxModelLoader().load(onnx, 'v', 'f');
    const { probability, members } = await model.predict(training.rows, training.rowCount);
    await model.close();
    expect([model.memberCount, members.length]).toEqual([membersOut(predictor), membersOut(predictor) * 3_000]);
    expect(probability.every((p) => p >= 0 && p <= 1)).toBe(true);
  });
});

describe('too few rows for two halves', () => {
  /** The same rows with so many positives in half b. */
  const withPositives = (count: number) => {
    const labels = training.labels.slice();
    let left = count;
    labels.forEach((label, i) => {
      if (folds[i] === 1 && label === 1 && left-- <= 0) labels[i] = 0;
    });
    return { ...training, labels };
  };

  it('are fitted as a whole', () => {
    const few = withPositives(LEAST_TO_SET_BY - 1);
    for (const name of LEARNER_NAMES) {
      const whole = learners[name](few, { seed: SEED, settings: SETTINGS });
      expect(learners[name](few, { seed: SEED, settings: SETTINGS, folds })).toEqual(whole);
    }
  });

  it('are fitted as a whole, set by two halves where they are enough for that', () => {
    const few = withPositives(LEAST_OF_A_CLASS - 1);
    const settings = { ...SETTINGS, members: 1 };
    for (const name of ['boosting', 'linear', 'head'] as const) {
      const whole = learners[name](few, { seed: SEED, settings }).predictor;
      const set = learners[name](few, { seed: SEED, settings, folds }).predictor;
      expect(set.firstHalf).toBeUndefined();
      const [before, after] = [whole, set].map((one) => predictWith(one, few.rows, 200).members.map(logit));
      const by = after!.map((z, i) => z - before![i]!);
      for (const one of by) expect(one).toBeCloseTo(by[0]!, 2);
      expect(Math.abs(by[0]!)).toBeGreaterThan(0.01);
    }
  });

  it('are one tree of a forest', () => {
    const { predictor } = learners.forest(training, { seed: SEED, settings: { ...SETTINGS, trees: 1 }, folds });
    expect(predictor.firstHalf).toBeUndefined();
  });
});

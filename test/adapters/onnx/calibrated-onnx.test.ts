import { describe, expect, it } from 'vitest';
import { growTree } from '../../../src/adapters/forest/grow-tree.js';
import { calibratedOnnx, calibratedPredictor } from '../../../src/adapters/onnx/calibrated-onnx.js';
import { onnxModelLoader } from '../../../src/adapters/onnx/model.js';
import { readPredictor } from '../../../src/adapters/onnx/reader/index.js';
import { predictorGraph, writeOnnx } from '../../../src/adapters/onnx/writer/index.js';
import { explain } from '../../../src/learn/explain/contributions.js';
import { LEARNER_NAMES, learnersWith, predictWith } from '../../../src/learn/learners/index.js';
import { logit } from '../../../src/learn/learners/intercept.js';
import { clickRows } from '../../../src/lab/laws/click-rows.js';
import { recalibrated } from '../../learn/calibrate/recalibrated.js';

const training = clickRows(2_000, 12, 8, -2);
const learners = learnersWith(growTree);
const SETTINGS = { trees: 8, rowsPerTree: 300, rounds: 20, members: 3, epochs: 3 };
const LINE = { slope: 0.8, intercept: -0.6 };
const cases = LEARNER_NAMES.map((name) => {
  const { predictor } = learners[name](training, { seed: 2, settings: SETTINGS });
  const { columnCount, memberCount } = predictor;
  return { name, predictor, file: { onnx: writeOnnx(predictorGraph(predictor)), columnCount, memberCount } };
});

describe('a calibrated ONNX file', () => {
  it.each(cases)('of $name answers the recalibrated probability, members too', async ({ predictor, file }) => {
    const plain = predictWith(predictor, training.rows, training.rowCount);
    const model = await onnxModelLoader().load(calibratedOnnx(file, LINE)!, 'v', 'f');
    const { probability, members } = await model.predict(training.rows, training.rowCount);
    await model.close();
    const expected = recalibrated(plain.members, predictor.memberCount, LINE);
    const expectedMembers = recalibrated(plain.members, 1, LINE);
    probability.forEach((p, i) => expect(Math.abs(p - expected[i]!)).toBeLessThan(1e-5));
    members.forEach((p, i) => expect(Math.abs(p - expectedMembers[i]!)).toBeLessThan(1e-5));
  });

  it.each(cases)(
    'of $name reads back to the last bit, and its paths sum to the calibrated prediction',
    ({ predictor, file }) => {
      const calibrated = calibratedPredictor(predictor, LINE)!;
      const read = readPredictor(calibratedOnnx(file, LINE)!, 12, predictor.memberCount)!;
      const scored = predictWith(read, training.rows, 50);
      expect(scored).toEqual(predictWith(calibrated, training.rows, 50));
      const background = training.rows.subarray(0, 100 * 12);
      for (let i = 0; i < 50; i++) {
        const { scale, total } = explain(read, training.rows.subarray(i * 12, (i + 1) * 12), background);
        const own = Array.from(scored.members.subarray(i * read.memberCount, (i + 1) * read.memberCount));
        const meanLogit = own.reduce((sum, p) => sum + logit(p), 0) / own.length;
        expect(total).toBeCloseTo(scale === 'probability' ? scored.probability[i]! : meanLogit, 3);
      }
    },
  );

  it.each(cases)('of $name with slope 1 and intercept 0 predicts what the file predicted', ({ predictor, file }) => {
    const read = readPredictor(calibratedOnnx(file, { slope: 1, intercept: 0 })!, 12, predictor.memberCount)!;
    const [before, after] = [predictor, read].map((one) => predictWith(one, training.rows, 200).members);
    after!.forEach((p, i) => expect(Math.abs(p - before![i]!)).toBeLessThan(1e-7));
  });

  it('names the recalibration in its metadata', () => {
    const text = new TextDecoder('latin1').decode(calibratedOnnx(cases[0]!.file, LINE));
    for (const part of ['sluice.calibration.slope', '0.8', 'sluice.calibration.intercept', '-0.6'])
      expect(text).toContain(part);
  });

  it('is none where the file is of another make', () => {
    const { file } = cases[0]!;
    expect(calibratedOnnx({ ...file, onnx: Uint8Array.of(1, 2, 3) }, LINE)).toBeUndefined();
    expect(calibratedOnnx({ ...file, memberCount: file.memberCount + 1 }, LINE)).toBeUndefined();
  });

  it('is none where a member is a sum of trees of probabilities: no tree of it has log-odds', () => {
    const { predictor } = cases.find(({ name }) => name === 'boosting')!;
    expect(calibratedPredictor({ ...predictor, link: 'identity' } as typeof predictor, LINE)).toBeUndefined();
  });
});

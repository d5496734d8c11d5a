import { describe, expect, it } from 'vitest';
import { onnxModelLoader } from '../../src/adapters/onnx/model.js';
import { predictorGraph, writeOnnx } from '../../src/adapters/onnx/writer/index.js';
import { predictWith } from '../../src/learn/learners/predict-with.js';
import { seededRandom } from '../../src/learn/learners/random.js';
import { SluiceError } from '../../src/errors.js';
import { growTree } from '../../src/adapters/forest/grow-tree.js';
import { learnerNamed, learnersWith, type LearnerName } from '../../src/learn/learners/index.js';
import { settingsOf } from '../../src/learn/learners/learner.js';
import type { FitContext } from '../../src/ports/learner.js';
import type { TrainingRows } from '../../src/ports/trainer.js';
import { clickRows, sliceRows, type ClickRows } from '../learn/learners/click-rows.js';
import { aucOf, calibrationOf, normalisedEntropyOf } from '../learn/learners/judge.js';

/** What every learner keeps, whatever it learns with. */
export function learnerLaws(name: LearnerName, settings: FitContext['settings'] = {}): void {
  const learner = learnersWith(growTree)[name];
  const declared = learnerNamed(name);
  const fit = (training: TrainingRows, seed = 1) => learner(training, { seed, settings });
  const all = clickRows(16_000, 12, 5, -2.2);
  const train = sliceRows(all, 0, 8_000);
  const judge = sliceRows(all, 8_000, 16_000);

  describe(`${name} ${JSON.stringify(settings)}, as a learner`, () => {
    const fitted = fit(train);
    const probability = predictWith(fitted.predictor, judge.rows, judge.rowCount).probability;

    it('the same rows, settings and seed give the same bytes', () => {
      expect(writeOnnx(predictorGraph(fit(train).predictor))).toEqual(writeOnnx(predictorGraph(fitted.predictor)));
    });

    it('a committee has as many members as it says', () => {
      expect(fitted.predictor.memberCount).toBe(declared.members(settingsOf(declared.settings, settings)));
    });

    it('it learns: unseen clicks are ranked and predicted better than by the base rate', () => {
      expect(aucOf(probability, judge.labels)).toBeGreaterThan(aucOf(judge.truth, judge.labels) - 0.05);
      expect(normalisedEntropyOf(probability, judge.labels)).toBeLessThan(0.95);
    });

    it('predicted clicks are as many as true ones', () => {
      expect(calibrationOf(probability, judge.truth)).toBeGreaterThan(0.88);
      expect(calibrationOf(probability, judge.truth)).toBeLessThan(1.12);
    });

    it('weights undo a selection', () => {
      const selected = thinned(train, 'weights');
      expect(
        calibrationOf(predictWith(fit(selected).predictor, judge.rows, judge.rowCount).probability, judge.truth),
      ).toSatisfy(near);
    });

    it('log-odds offsets undo a selection, and are not predicted', () => {
      const selected = thinned(train, 'offsets');
      expect(
        calibrationOf(predictWith(fit(selected).predictor, judge.rows, judge.rowCount).probability, judge.truth),
      ).toSatisfy(near);
    });

    it('without weights and offsets the same selection is far off', () => {
      const selected = {
        ...thinned(train, 'weights'),
        weights: new Float32Array(thinned(train, 'weights').rowCount).fill(1),
      };
      expect(
        calibrationOf(predictWith(fit(selected).predictor, judge.rows, judge.rowCount).probability, judge.truth),
      ).toBeGreaterThan(1.5);
    });

    it('the probability is the mean of its members, each within [0, 1]', () => {
      const { members, probability: mean } = predictWith(fitted.predictor, judge.rows, 500);
      const count = fitted.predictor.memberCount;
      for (let i = 0; i < 500; i++) {
        const own = members.slice(i * count, (i + 1) * count);
        expect(own.every((p) => p >= 0 && p <= 1)).toBe(true);
        expect(mean[i]).toBeCloseTo(own.reduce((sum, p) => sum + p, 0) / count, 6);
      }
    });

    it('onnxruntime scores as the walk in TypeScript does, missing and infinite values included', async () => {
      const odd = judge.rows.slice(0, 3_000 * judge.columnCount);
      const random = seededRandom(3);
      for (let i = 0; i < odd.length; i++)
        if (random() < 0.1) odd[i] = [NaN, Infinity, -Infinity, 0, 3e38][Math.floor(random() * 5)]!;
      const model = await onnxModelLoader().load(writeOnnx(predictorGraph(fitted.predictor)), 'v', 'f');
      const ours = predictWith(fitted.predictor, odd, 3_000);
      const theirs = await model.predict(odd, 3_000);
      await model.close();
      expect(model.memberCount).toBe(fitted.predictor.memberCount);
      expect(largestGap(ours.members, theirs.members)).toBeLessThan(1e-5);
      expect(largestGap(ours.probability, theirs.probability)).toBeLessThan(1e-5);
    });

    it('a row scores the same alone and in any batch', () => {
      const whole = predictWith(fitted.predictor, judge.rows, 50).probability;
      for (let i = 0; i < 50; i++)
        expect(predictWith(fitted.predictor, judge.rows.subarray(i * 12, (i + 1) * 12), 1).probability[0]).toBe(
          whole[i],
        );
    });

    it('gain is one share a column, none for a constant column, and sums to 1', () => {
      expect(fitted.gain).toHaveLength(12);
      expect(fitted.gain.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
      expect(fitted.gain[8]).toBe(0);
      expect(fitted.gain[0]).toBeGreaterThan(0.05);
    });

    it('rows that are all alike give the base rate', () => {
      const alike = { ...train, rows: train.rows.slice().fill(3) };
      const { probability: flat } = predictWith(fit(alike).predictor, alike.rows, 10);
      const rate = train.labels.reduce((sum, y) => sum + y, 0) / train.rowCount;
      for (const p of flat) expect(p).toBeCloseTo(rate, 3);
    });

    it('columns without any value do no harm', () => {
      const rows = train.rows.slice();
      for (let i = 0; i < train.rowCount; i++) rows[i * 12 + 6] = NaN;
      const { probability: scored } = predictWith(fit({ ...train, rows }).predictor, judge.rows, judge.rowCount);
      expect(normalisedEntropyOf(scored, judge.labels)).toBeLessThan(0.97);
    });

    it.each([
      ['clicks only', { ...train, labels: train.labels.slice().fill(1) }],
      ['no click at all', { ...train, labels: train.labels.slice().fill(0) }],
      ['a weight of zero', { ...train, weights: train.weights.slice().fill(0, 7, 8) }],
      ['an offset that is no number', { ...train, offsets: train.offsets.slice().fill(NaN, 7, 8) }],
      ['arrays that disagree', { ...train, rowCount: 7_999 }],
    ])('%s is refused as fit-failed', (_, training) => {
      expect(() => fit(training)).toThrow(SluiceError);
      expect(() => fit(training)).toThrow(expect.objectContaining({ code: 'fit-failed' }));
    });
  });
}

function near(calibration: number): boolean {
  return calibration > 0.85 && calibration < 1.15;
}

/** All clicks and a fifth of the rest, with what undoes it: weights 1 and 5, or the offset ln(1 / .2). */
function thinned(all: ClickRows, by: 'weights' | 'offsets'): TrainingRows {
  const random = seededRandom(11);
  const kept = Array.from(all.labels.keys()).filter((i) => all.labels[i] === 1 || random() < 0.2);
  const { columnCount } = all;
  const rows = new Float32Array(kept.length * columnCount);
  kept.forEach((from, to) =>
    rows.set(all.rows.subarray(from * columnCount, (from + 1) * columnCount), to * columnCount),
  );
  return {
    rows,
    rowCount: kept.length,
    columnCount,
    labels: Uint8Array.from(kept, (i) => all.labels[i]!),
    weights: Float32Array.from(kept, (i) => (by === 'weights' && all.labels[i] === 0 ? 5 : 1)),
    offsets: new Float32Array(kept.length).fill(by === 'offsets' ? Math.log(1 / 0.2) : 0),
  };
}

function largestGap(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  let gap = 0;
  for (let i = 0; i < a.length; i++)
    gap = Math.max(gap, Number.isNaN(a[i]! - b[i]!) ? Infinity : Math.abs(a[i]! - b[i]!));
  return gap;
}

/**
 * Every setting that a learner declares is read: some other value within its limits gives another file.
 * @param base settings that keep fits short
 * @param needs what must be set besides, by setting
 */
export function settingLaws(
  name: LearnerName,
  base: FitContext['settings'] = {},
  needs: Readonly<Record<string, FitContext['settings']>> = {},
): void {
  const fit = learnersWith(growTree)[name];
  const table = learnerNamed(name).settings;
  const training = sliceRows(clickRows(1_200, 12, 5, -1.5), 0, 1_200);
  const bytes = (settings: FitContext['settings']) =>
    Buffer.from(writeOnnx(predictorGraph(fit(training, { seed: 1, settings }).predictor))).toString('base64');

  describe(`a setting of ${name}`, () => {
    it.each(Object.keys(table))('%s is read', (setting) => {
      const { above = -Infinity, atLeast = above, atMost = Infinity, isInteger } = table[setting]!;
      const settings = { ...base, ...needs[setting] };
      const present = settingsOf(table, settings)[setting]!;
      const others = [present / 4, present * 4, present / 100, present * 100, present + 0.5, present + 3]
        .map((value) => (isInteger ? Math.round(value) : value))
        .filter((value) => value !== present && value > above && value >= atLeast && value <= atMost);
      const before = bytes(settings);
      expect(others.some((value) => bytes({ ...settings, [setting]: value }) !== before)).toBe(true);
    });

    it.each(Object.keys(table))('%s has a default within its limits and a plain sentence', (setting) => {
      const { default: value, above = -Infinity, atLeast = -Infinity, atMost = Infinity, text } = table[setting]!;
      expect(value > above && value >= atLeast && value <= atMost).toBe(true);
      expect(text).toMatch(/^[A-Z].{9,}[^.]$/s);
    });
  });
}

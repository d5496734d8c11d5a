import assert from 'node:assert/strict';
import { onnxModelLoader } from '../../adapters/onnx/model.js';
import { predictorGraph, writeOnnx } from '../../adapters/onnx/writer/index.js';
import { SluiceError } from '../../errors.js';
import type { Fit } from '../../learn/learners/index.js';
import { settingsOf, type Learner } from '../../learn/learners/learner.js';
import { predictWith } from '../../learn/learners/predict-with.js';
import { seededRandom } from '../../learn/learners/random.js';
import type { FitContext, Fitted } from '../../ports/learner.js';
import type { TrainingRows } from '../../ports/trainer.js';
import { clickRows, sliceRows, type ClickRows } from './click-rows.js';
import { aucOf, calibrationOf, normalisedEntropyOf } from './judge.js';
import type { Law } from './law.js';

const COLUMNS = 12;

/** Rows to fit on, and rows to judge on, whose true probabilities are known. */
function clicks() {
  const all = clickRows(16_000, COLUMNS, 5, -2.2);
  return { train: sliceRows(all, 0, 8_000), judge: sliceRows(all, 8_000, 16_000) };
}

/**
 * What every learner keeps, whatever it learns with.
 * @param learner as it is declared
 * @param asFit the same as the trainer calls it, rows checked and settings filled in
 */
export function learnerLaws(learner: Learner, asFit: Fit, settings: FitContext['settings'] = {}): readonly Law[] {
  const fit = (training: TrainingRows, seed = 1): Fitted => asFit(training, { seed, settings });
  const rows = once(clicks);
  const model = once(() => fit(rows().train));
  const probability = once(() => predictWith(model().predictor, rows().judge.rows, rows().judge.rowCount).probability);
  const calibrationAfter = (training: TrainingRows): number => {
    const { judge } = rows();
    return calibrationOf(predictWith(fit(training).predictor, judge.rows, judge.rowCount).probability, judge.truth);
  };
  return [
    {
      name: 'the same rows, settings and seed give the same bytes',
      check: () => assert.deepEqual(bytesOf(fit(rows().train)), bytesOf(model())),
    },
    {
      name: 'a committee has as many members as it says',
      check: () => assert.equal(model().predictor.memberCount, learner.members(settingsOf(learner.settings, settings))),
    },
    {
      name: 'it learns: unseen clicks are ranked and predicted better than by the base rate',
      check() {
        const { judge } = rows();
        const best = aucOf(judge.truth, judge.labels);
        within('its AUC', aucOf(probability(), judge.labels), best - 0.05, 1);
        within('its normalised entropy', normalisedEntropyOf(probability(), judge.labels), 0, 0.95);
      },
    },
    {
      name: 'predicted clicks are as many as true ones',
      check: () => within('calibration', calibrationOf(probability(), rows().judge.truth), 0.88, 1.12),
    },
    {
      name: 'weights undo a selection',
      check: () => within('calibration', calibrationAfter(thinned(rows().train, 'weights')), 0.85, 1.15),
    },
    {
      name: 'log-odds offsets undo a selection, and are not predicted',
      check: () => within('calibration', calibrationAfter(thinned(rows().train, 'offsets')), 0.85, 1.15),
    },
    {
      name: 'without weights and offsets the same selection is far off',
      check() {
        const selected = thinned(rows().train, 'weights');
        const plain = { ...selected, weights: new Float32Array(selected.rowCount).fill(1) };
        within('calibration', calibrationAfter(plain), 1.5, Infinity);
      },
    },
    {
      name: 'the probability is the mean of its members, each within [0, 1]',
      check() {
        const { members, probability: mean } = predictWith(model().predictor, rows().judge.rows, 500);
        const count = members.length / 500;
        for (let i = 0; i < 500; i++) {
          const own = members.slice(i * count, (i + 1) * count);
          for (const p of own) within('a member', p, 0, 1);
          const sum = own.reduce((all, p) => all + p, 0);
          within('the mean', mean[i]! - sum / count, -5e-7, 5e-7);
        }
      },
    },
    {
      name: 'onnxruntime scores as the walk in TypeScript does, missing and infinite values included',
      async check() {
        const { judge } = rows();
        const odd = judge.rows.slice(0, 3_000 * judge.columnCount);
        const random = seededRandom(3);
        for (let i = 0; i < odd.length; i++)
          if (random() < 0.1) odd[i] = [NaN, Infinity, -Infinity, 0, 3e38][Math.floor(random() * 5)]!;
        const loaded = await onnxModelLoader().load(bytesOf(model()), 'v', 'f');
        const ours = predictWith(model().predictor, odd, 3_000);
        const theirs = await loaded.predict(odd, 3_000);
        await loaded.close();
        within('the gap of the members', largestGap(ours.members, theirs.members), 0, 1e-5);
        within('the gap of the probability', largestGap(ours.probability, theirs.probability), 0, 1e-5);
      },
    },
    {
      name: 'a row scores the same alone and in any batch',
      check() {
        const { rows: values } = rows().judge;
        const whole = predictWith(model().predictor, values, 50).probability;
        for (let i = 0; i < 50; i++) {
          const row = values.subarray(i * COLUMNS, (i + 1) * COLUMNS);
          assert.equal(predictWith(model().predictor, row, 1).probability[0], whole[i]);
        }
      },
    },
    {
      name: 'gain is one share a column, none for a constant column, and sums to 1',
      check() {
        const { gain } = model();
        assert.equal(gain.length, COLUMNS);
        within(
          'the sum',
          gain.reduce((sum, share) => sum + share, 0),
          1 - 5e-10,
          1 + 5e-10,
        );
        assert.equal(gain[8], 0, 'the constant column has gain');
        within('the gain of the position', gain[0]!, 0.05, 1);
      },
    },
    {
      name: 'rows that are all alike give the base rate',
      check() {
        const { train } = rows();
        const alike = { ...train, rows: train.rows.slice().fill(3) };
        const { probability: flat } = predictWith(fit(alike).predictor, alike.rows, 10);
        const rate = train.labels.reduce((sum, y) => sum + y, 0) / train.rowCount;
        for (const p of flat) within('a probability less the base rate', p - rate, -5e-4, 5e-4);
      },
    },
    {
      name: 'columns without any value do no harm',
      check() {
        const { train, judge } = rows();
        const values = train.rows.slice();
        for (let i = 0; i < train.rowCount; i++) values[i * COLUMNS + 6] = NaN;
        const { probability: scored } = predictWith(
          fit({ ...train, rows: values }).predictor,
          judge.rows,
          judge.rowCount,
        );
        within('normalised entropy', normalisedEntropyOf(scored, judge.labels), 0, 0.97);
      },
    },
    ...Object.entries(UNFIT).map(([name, spoil]) => ({
      name: `${name} is refused as fit-failed`,
      check: () =>
        assert.throws(
          () => fit(spoil(rows().train)),
          (thrown) => thrown instanceof SluiceError && thrown.code === 'fit-failed',
        ),
    })),
  ];
}

const UNFIT: Readonly<Record<string, (train: ClickRows) => TrainingRows>> = {
  'clicks only': (train) => ({ ...train, labels: train.labels.slice().fill(1) }),
  'no click at all': (train) => ({ ...train, labels: train.labels.slice().fill(0) }),
  'a weight of zero': (train) => ({ ...train, weights: train.weights.slice().fill(0, 7, 8) }),
  'an offset that is no number': (train) => ({ ...train, offsets: train.offsets.slice().fill(NaN, 7, 8) }),
  'arrays that disagree': (train) => ({ ...train, rowCount: 7_999 }),
};

/**
 * Every setting that a learner declares is read: some other value within its limits gives another file.
 * @param base settings that keep fits short
 * @param needs what must be set besides, by setting
 */
export function settingLaws(
  { settings: table }: Learner,
  fit: Fit,
  base: FitContext['settings'] = {},
  needs: Readonly<Record<string, FitContext['settings']>> = {},
): readonly Law[] {
  const training = once(() => sliceRows(clickRows(1_200, COLUMNS, 5, -1.5), 0, 1_200));
  const bytes = (settings: FitContext['settings']): string =>
    Buffer.from(bytesOf(fit(training(), { seed: 1, settings }))).toString('base64');
  return Object.entries(table).flatMap(([name, setting]): readonly Law[] => [
    {
      name: `setting ${name} is read`,
      check() {
        const { above = -Infinity, atLeast = above, atMost = Infinity, isInteger } = setting;
        const settings = { ...base, ...needs[name] };
        const present = settingsOf(table, settings)[name]!;
        const others = [present / 4, present * 4, present / 100, present * 100, present + 0.5, present + 3]
          .map((value) => (isInteger ? Math.round(value) : value))
          .filter((value) => value !== present && value > above && value >= atLeast && value <= atMost);
        const before = bytes(settings);
        assert.ok(
          others.some((value) => bytes({ ...settings, [name]: value }) !== before),
          `none of ${others.join(', ')} makes another model`,
        );
      },
    },
    {
      name: `setting ${name} has a default within its limits and a plain sentence`,
      check() {
        const { default: value, above = -Infinity, atLeast = -Infinity, atMost = Infinity, text } = setting;
        assert.ok(value > above && value >= atLeast && value <= atMost, `${value}`);
        assert.match(text, /^[A-Z].{9,}[^.]$/s);
      },
    },
  ]);
}

function bytesOf({ predictor }: Fitted): Uint8Array {
  return writeOnnx(predictorGraph(predictor));
}

function within(what: string, value: number, least: number, most: number): void {
  assert.ok(value >= least && value <= most, `${what} is ${value}, not between ${least} and ${most}`);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
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
  assert.equal(a.length, b.length);
  let gap = 0;
  for (let i = 0; i < a.length; i++)
    gap = Math.max(gap, Number.isNaN(a[i]! - b[i]!) ? Infinity : Math.abs(a[i]! - b[i]!));
  return gap;
}

import { describe, expect, it } from 'vitest';
import { shifted } from '../../../src/events/shifted.js';
import { linear } from '../../../src/learn/learners/linear.js';
import { AUDIT, KEPT, selectionColumns, Selector } from '../../../src/pipeline/select/select.js';
import { rateOf, rateOffset } from '../../../src/pipeline/select/sampling-rates.js';
import { mix } from '../../../src/pipeline/state/keys.js';
import { configOf, keyOf } from '../kit.js';
import { randomOf } from '../traffic.js';

const NEGATIVE_RATE = 0.1;
const ROWS = 20_000;
const TRUE_LINE = { slope: 1.2, intercept: -3 };

/** A column as the learner squashes it, so that the line is one it can find. */
const squashed = (value: number): number => Math.sign(value) * Math.log1p(Math.abs(value));

interface Log {
  readonly x: Float32Array;
  readonly labels: Uint8Array;
}

/** A whole log: clicks by a logistic line over one column. */
function wholeLog(): Log {
  const random = randomOf(31);
  const x = Float32Array.from({ length: ROWS }, () => random() * 4 - 2);
  const labels = Uint8Array.from(x, (value) => {
    const p = 1 / (1 + Math.exp(-(TRUE_LINE.slope * squashed(value) + TRUE_LINE.intercept)));
    return random() < p ? 1 : 0;
  });
  return { x, labels };
}

/** What is left of it where every click and one in ten of the rest were kept. */
function thinned({ x, labels }: Log, seed: number): number[] {
  const random = randomOf(seed);
  return Array.from(x, (_, i) => i).filter((i) => labels[i] === 1 || random() < NEGATIVE_RATE);
}

interface Kept extends Log {
  readonly weights: Float32Array;
  readonly offsets: Float32Array;
}

/** Thins the log, selects of what is left by |y − p| with the true p, and gives what was kept with its three numbers. */
function curated(log: Log, salt: number, budget = 0.3): Kept {
  const left = thinned(log, 1_000 + salt);
  const settings = { ...configOf().selection, budget, salt: `s${salt}`, auditFraction: 0 };
  const count = left.length;
  const probability = left.map(
    (i) => 1 / (1 + Math.exp(-(TRUE_LINE.slope * squashed(log.x[i]!) + TRUE_LINE.intercept))),
  );
  const labels = Uint8Array.from(left, (i) => log.labels[i]!);
  const facts = {
    surfaces: new Uint8Array(count),
    categories: new Array<null>(count).fill(null),
    ranks: Int8Array.from(labels, (label) => (label === 1 ? 2 : -1)),
    timesMs: new Float64Array(count),
    ratesIfNegative: new Float64Array(count).fill(NEGATIVE_RATE),
    ratesIfPositive: new Float64Array(count).fill(1),
  };
  const importances = {
    ifNegative: Float64Array.from(probability),
    ifPositive: Float64Array.from(probability, (p) => 1 - p),
  };
  const columns = selectionColumns();
  const samples = Float64Array.from(left, (i) => mix(keyOf(`row${i}`), 0));
  new Selector(settings, keyOf, null).select(samples, labels, count, importances, columns, facts);
  const kept = left.map((_, at) => at).filter((at) => columns.fates[at] === KEPT);
  expect([...columns.fates.subarray(0, count)]).not.toContain(AUDIT);
  return {
    x: Float32Array.from(kept, (at) => log.x[left[at]!]!),
    labels: Uint8Array.from(kept, (at) => labels[at]!),
    weights: Float32Array.from(
      kept,
      (at) => 1 / (columns.inclusionProbabilities[at]! * rateOf(facts, labels[at]!, at)),
    ),
    offsets: Float32Array.from(kept, (at) => columns.logOddsOffsets[at]! + rateOffset(facts, at)),
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const standardError = (values: readonly number[]): number => {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)) / (values.length - 1));
};

/** Slope and intercept of a logistic regression as trained on rows. */
function lineOf({ x, labels }: Log, offsets: Float32Array, weights: Float32Array) {
  const training = { rows: x, rowCount: x.length, columnCount: 1, labels, offsets, weights };
  const settings = { penalty: 0, l1Ratio: 0, maxSteps: 2_000, tolerance: 1e-7 };
  const growTree = () => null;
  const { predictor } = linear.fit(training, { seed: 1, settings, growTree });
  if (predictor.kind !== 'linear') throw new Error('no line');
  const at = (value: number): number => {
    const z = (squashed(value) - predictor.centre[0]!) * predictor.inverseScale[0]!;
    return z * predictor.weights[0]! + predictor.intercept[0]!;
  };
  return { atMinusOne: at(-1), atOne: at(1) };
}

describe('a log that was sampled before', () => {
  const log = wholeLog();
  const SALTS = 60;

  it('weights estimate the whole log without bias: rows, clicks and the sum of a column, over many salts', () => {
    const runs = Array.from({ length: SALTS }, (_, salt) => curated(log, salt));
    const totals: [string, (i: number, of: Log) => number][] = [
      ['rows', () => 1],
      ['clicks', (i, { labels }) => labels[i]!],
      ['the column', (i, { x }) => x[i]!],
    ];
    for (const [name, of] of totals) {
      const truth = Array.from(log.x, (_, i) => of(i, log)).reduce((sum, value) => sum + value, 0);
      const estimates = runs.map((kept) =>
        Array.from(kept.x, (_, i) => kept.weights[i]! * of(i, kept)).reduce((sum, value) => sum + value, 0),
      );
      expect(Math.abs(mean(estimates) - truth), name).toBeLessThan(4 * standardError(estimates));
      // Without the rate, negatives would count a tenth: far outside.
      expect(Math.abs(0.3 * ROWS - truth), name).toBeGreaterThan(name === 'rows' ? 4 * standardError(estimates) : -1);
    }
  });

  it('offsets give the model of the whole log without bias, trained without weights', () => {
    const ones = (count: number): Float32Array => new Float32Array(count).fill(1);
    const full = lineOf(log, new Float32Array(ROWS), ones(ROWS));
    const lines = Array.from({ length: SALTS }, (_, salt) => curated(log, salt)).map((kept) =>
      lineOf(kept, kept.offsets, ones(kept.x.length)),
    );
    for (const point of ['atMinusOne', 'atOne'] as const) {
      const values = lines.map((line) => line[point]);
      expect(Math.abs(mean(values) - full[point]), point).toBeLessThan(4 * standardError(values));
    }
  });

  it('π times rate goes by what a row teaches: as many of the kept are clicks as from the whole log', () => {
    const kept = curated(log, 1, 0.2);
    const share = mean([...kept.labels]);
    // A calibrated p makes |y − p| split evenly between the labels; blind to the rates it would keep clicks almost alone.
    expect(share).toBeGreaterThan(0.35);
    expect(share).toBeLessThan(0.65);
  });

  it('what a model of the whole log says of the stream that is left is its click rate, given the offset', () => {
    const left = thinned(log, 5);
    const probabilities = left.map(
      (i) => 1 / (1 + Math.exp(-(TRUE_LINE.slope * squashed(log.x[i]!) + TRUE_LINE.intercept))),
    );
    const clicks = left.reduce((sum, i) => sum + log.labels[i]!, 0);
    const offset = Math.log(1 / NEGATIVE_RATE);
    const expected = probabilities.reduce((sum, p) => sum + shifted(p, offset), 0);
    expect(Math.abs(expected / clicks - 1)).toBeLessThan(0.06);
    expect(shifted(0.3, 0)).toBe(0.3);
  });
});

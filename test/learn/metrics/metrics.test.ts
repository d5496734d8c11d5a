import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { auc } from '../../../src/learn/metrics/auc.js';
import { calibration, expectedCalibrationError, reliabilityBins } from '../../../src/learn/metrics/calibration.js';
import { entropy, logLosses, logLossOf, mean, normalisedEntropy } from '../../../src/learn/metrics/log-loss.js';
import { aucDifference } from '../../../src/learn/proof/delong.js';
import { atThreshold, thresholdOfBestF1 } from '../../../src/learn/metrics/threshold.js';

/** Predictions on a coarse grid, so that ties are common, beside labels. */
const judged = (minLength = 1) =>
  fc
    .array(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.constantFrom(0, 1)), { minLength, maxLength: 60 })
    .map((pairs) => ({ p: pairs.map(([grid]) => grid / 12), y: pairs.map(([, label]) => label) }));

const bothClasses = judged(2).filter(({ y }) => y.includes(0) && y.includes(1));

function shuffled<T>(values: readonly T[], seed: number): T[] {
  return values
    .map((value, i) => [Math.sin(seed + i * 12.9898) * 43758.5453, value] as const)
    .sort((a, b) => (a[0] % 1) - (b[0] % 1))
    .map(([, value]) => value);
}

describe('log loss', () => {
  test('by hand: −ln .8, −ln .6', () => {
    const losses = logLosses([0.8, 0.4], [1, 0]);
    expect(losses[0]).toBeCloseTo(0.2231435513, 9);
    expect(losses[1]).toBeCloseTo(0.5108256238, 9);
  });

  test('a confident mistake costs 16.1 nats, not infinity', () => {
    expect(logLossOf(0, 1)).toBeCloseTo(16.118, 3);
    expect(logLossOf(1, 0)).toBeCloseTo(16.118, 3);
    expect(logLossOf(Number.NaN, 1)).toBeNaN();
  });

  test('normalised entropy of the base rate itself is 1', () => {
    fc.assert(
      fc.property(bothClasses, ({ y }) => {
        expect(
          normalisedEntropy(
            y.map(() => mean(y)),
            y,
          ),
        ).toBeCloseTo(1, 9);
      }),
    );
  });

  test('normalised entropy by hand, and undefined for one class', () => {
    expect(normalisedEntropy([0.8, 0.4], [1, 0])).toBeCloseTo((0.2231435513 + 0.5108256238) / 2 / Math.LN2, 8);
    expect(normalisedEntropy([0.8, 0.4], [1, 1])).toBeNaN();
    expect(entropy(0)).toBe(0);
    expect(entropy(0.5)).toBeCloseTo(Math.LN2, 12);
  });
});

describe('predictions that are no numbers', () => {
  test('end every metric, however many they are, and make the AUC NaN', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(NaN, 0.2, 0.4, -0, 0), { minLength: 4, maxLength: 40 }), (scores) => {
        const labels = scores.map((_, i) => i % 2);
        const isSound = scores.every((score) => score === score);
        expect(Number.isNaN(auc(scores, labels))).toBe(!isSound);
        aucDifference(scores, scores, labels);
        reliabilityBins(scores, labels);
        thresholdOfBestF1(scores, labels);
      }),
    );
  });
});

describe('AUC', () => {
  test('is the share of pairs in the right order, ties counting half', () => {
    fc.assert(
      fc.property(bothClasses, ({ p, y }) => {
        let won = 0;
        let pairs = 0;
        for (let i = 0; i < y.length; i++)
          for (let j = 0; j < y.length; j++)
            if (y[i] === 1 && y[j] === 0) {
              pairs++;
              won += p[i]! > p[j]! ? 1 : p[i] === p[j] ? 0.5 : 0;
            }
        expect(auc(p, y)).toBeCloseTo(won / pairs, 9);
      }),
    );
  });

  test('is undefined for one class or no samples', () => {
    expect(auc([0.1, 0.2], [1, 1])).toBeNaN();
    expect(auc([0.1, 0.2], [0, 0])).toBeNaN();
    expect(auc([], [])).toBeNaN();
  });
});

describe('calibration', () => {
  test('is Σp̂ / Σy, and undefined without a positive', () => {
    expect(calibration([0.5, 0.25, 0.75], [1, 0, 0])).toBe(1.5);
    expect(calibration([0.5], [0])).toBeNaN();
  });

  test('the error by bins, by hand: two bins of two', () => {
    // bins {.1,.2 | 0,1}: |.3 − 1| and {.6,.8 | 1,1}: |1.4 − 2|, over 4 samples
    expect(expectedCalibrationError([0.6, 0.1, 0.8, 0.2], [1, 0, 1, 1], 2)).toBeCloseTo((0.7 + 0.6) / 4, 12);
  });

  test('the error does not depend on the order of the samples, and lies in [0,1]', () => {
    fc.assert(
      fc.property(
        judged(),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 20 }),
        ({ p, y }, seed, bins) => {
          const error = expectedCalibrationError(p, y, bins);
          const other = shuffled(
            p.map((value, i) => [value, y[i]!] as const),
            seed,
          );
          expect(
            expectedCalibrationError(
              other.map(([value]) => value),
              other.map(([, label]) => label),
              bins,
            ),
          ).toBeCloseTo(error, 9);
          expect(error).toBeGreaterThanOrEqual(0);
          expect(error).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  test('the error is at least the gap of the whole, and equals it with one bin', () => {
    fc.assert(
      fc.property(judged(), fc.integer({ min: 2, max: 20 }), ({ p, y }, bins) => {
        const whole = Math.abs(mean(p) - mean(y));
        expect(expectedCalibrationError(p, y, 1)).toBeCloseTo(whole, 9);
        expect(expectedCalibrationError(p, y, bins)).toBeGreaterThanOrEqual(whole - 1e-9);
      }),
    );
  });
});

describe('the bins of a reliability diagram', () => {
  test('hold every sample once, by ascending prediction, and never part equal predictions', () => {
    fc.assert(
      fc.property(judged(), fc.integer({ min: 1, max: 20 }), ({ p, y }, count) => {
        const bins = reliabilityBins(p, y, count);
        expect(bins.length).toBeLessThanOrEqual(count);
        const total = (of: (bin: (typeof bins)[number]) => number) => bins.reduce((sum, bin) => sum + of(bin), 0);
        expect(total(({ sampleCount }) => sampleCount)).toBe(p.length);
        expect(total((bin) => bin.sampleCount * bin.meanPrediction)).toBeCloseTo(mean(p) * p.length, 6);
        expect(total((bin) => bin.sampleCount * bin.positiveShare)).toBeCloseTo(mean(y) * p.length, 6);
        for (let i = 1; i < bins.length; i++)
          expect(bins[i]!.meanPrediction).toBeGreaterThan(bins[i - 1]!.meanPrediction);
      }),
    );
  });

  test('of predictions that all differ are of one size, but for rounding', () => {
    const p = Array.from({ length: 1_000 }, (_, i) => ((i * 7_919) % 1_000) / 1_000);
    const sizes = reliabilityBins(
      p,
      p.map(() => 0),
    ).map(({ sampleCount }) => sampleCount);
    expect(sizes).toHaveLength(15);
    for (const size of sizes) expect(Math.abs(size - 1_000 / 15)).toBeLessThan(1);
  });

  test('of a model that is right show no more error than chance gives', () => {
    const random = (i: number) => Math.abs(Math.sin(i * 12.9898) * 43_758.5453) % 1;
    const p = Array.from({ length: 20_000 }, (_, i) => 0.002 + 0.1 * random(i) ** 2);
    const y = p.map((one, i) => (random(i + 0.5) < one ? 1 : 0));
    expect(expectedCalibrationError(p, y)).toBeLessThan(1.5 * Math.sqrt((10 * mean(y)) / 20_000));
  });
});

describe('the threshold of best F1', () => {
  test('no other threshold has a better F1', () => {
    fc.assert(
      fc.property(
        judged().filter(({ y }) => y.includes(1)),
        ({ p, y }) => {
          const chosen = atThreshold(p, y, thresholdOfBestF1(p, y)).f1;
          for (const threshold of [...p, 0, 2])
            expect(atThreshold(p, y, threshold).f1).toBeLessThanOrEqual(chosen + 1e-12);
        },
      ),
    );
  });

  test('decision metrics by hand', () => {
    // says yes to .9 (right) and .6 (wrong); misses .4
    const { accuracy, precision, recall, f1 } = atThreshold([0.9, 0.6, 0.4, 0.1], [1, 0, 1, 0], 0.5);
    expect([accuracy, precision, recall, f1]).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect(thresholdOfBestF1([0.9, 0.6, 0.4, 0.1], [1, 0, 1, 0])).toBe(0.4);
    expect(thresholdOfBestF1([0.9], [0])).toBeNaN();
  });
});

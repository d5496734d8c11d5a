import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/adapters/system/random.js';
import { auc } from '../../../src/learn/metrics/auc.js';
import { aucDifference } from '../../../src/learn/proof/delong.js';

/** Two correlated scores, the first better; rounded so that there are ties. */
function drawn(random: () => number, count: number) {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const rows = Array.from({ length: count }, () => {
    const label = random() < 0.2 ? 1 : 0;
    const shared = normal();
    return { label, a: label + shared + 0.5 * normal(), b: 0.6 * label + shared + normal() };
  });
  const round = (x: number) => Math.round(10 * x);
  return {
    labels: Uint8Array.from(rows, ({ label }) => label),
    a: Float32Array.from(rows, ({ a }) => round(a)),
    b: Float32Array.from(rows, ({ b }) => round(b)),
  };
}

describe('the difference of two AUCs', () => {
  test('is the difference of the AUCs, ties and all', () => {
    fc.assert(
      fc.property(fc.integer({ min: 50, max: 300 }), fc.nat(10_000), (count, seed) => {
        const { a, b, labels } = drawn(seededRandom(seed), count);
        const { aucs, difference } = aucDifference(a, b, labels);
        expect(aucs[0]).toBeCloseTo(auc(a, labels), 12);
        expect(aucs[1]).toBeCloseTo(auc(b, labels), 12);
        expect(difference).toBeCloseTo(aucs[0] - aucs[1], 12);
      }),
    );
  });

  test('has the variance that repeated draws of samples show', () => {
    const random = seededRandom(3);
    const results = Array.from({ length: 1_000 }, () => {
      const { a, b, labels } = drawn(random, 300);
      return aucDifference(a, b, labels);
    });
    const mean = results.reduce((sum, { difference }) => sum + difference, 0) / results.length;
    const spread = results.reduce((sum, { difference }) => sum + (difference - mean) ** 2, 0) / (results.length - 1);
    const claimed = results.reduce((sum, { variance }) => sum + variance, 0) / results.length;
    // The standard error of a variance from 1,000 draws is 4.5 % of it.
    expect(Math.abs(claimed / spread - 1)).toBeLessThan(0.18);
  });

  test('of equal scores is 0 with certainty, and unknown without two samples of each class', () => {
    const { a, labels } = drawn(seededRandom(4), 100);
    expect(aucDifference(a, a, labels)).toMatchObject({ difference: 0, variance: 0 });
    expect(aucDifference([1, 2], [2, 1], [0, 1]).variance).toBeNaN();
  });
});

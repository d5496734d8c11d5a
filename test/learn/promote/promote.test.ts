import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/adapters/system/random.js';
import { decide, type PromotionCase } from '../../../src/learn/promote/decide.js';
import { pairedBound } from '../../../src/learn/promote/paired-bound.js';

const bound = (mean: number, half: number, sampleCount = 1_000) => ({
  sampleCount,
  mean,
  lower: mean - half,
  upper: mean + half,
});
const outcome = (given: Partial<PromotionCase>) =>
  decide({ policy: 'not-worse', champion: '000001-aaaaaa', bound: bound(0, 1), finite: true, ...given }).outcome;

describe('the paired bound', () => {
  test('by hand: differences 1, 2, 3 have mean 2, standard deviation 1', () => {
    const { mean, lower, upper, sampleCount } = pairedBound([2, 4, 6], [1, 2, 3]);
    expect([mean, sampleCount]).toEqual([2, 3]);
    expect(upper - mean).toBeCloseTo(1.645 / Math.sqrt(3), 12);
    expect(mean - lower).toBeCloseTo(1.645 / Math.sqrt(3), 12);
  });

  test('says nothing of one sample or none', () => {
    expect(pairedBound([1], [0])).toMatchObject({ mean: 1, lower: -Infinity, upper: Infinity });
    expect(pairedBound([], []).mean).toBeNaN();
  });

  test('of equal models a candidate looks significantly worse in about 5 % of trials', () => {
    const random = seededRandom(11);
    let worse = 0;
    const trials = 2_000;
    for (let trial = 0; trial < trials; trial++) {
      const losses = () => Array.from({ length: 200 }, () => -Math.log(1 - random()));
      if (pairedBound(losses(), losses()).upper < 0) worse++;
    }
    expect(Math.abs(worse / trials - 0.05)).toBeLessThan(4 * Math.sqrt((0.05 * 0.95) / trials));
  });

  test('swapping the models mirrors the bound', () => {
    const losses = fc.array(
      fc.tuple(fc.double({ min: 0, max: 16, noNaN: true }), fc.double({ min: 0, max: 16, noNaN: true })),
      {
        minLength: 2,
        maxLength: 50,
      },
    );
    fc.assert(
      fc.property(losses, (pairs) => {
        const there = pairedBound(
          pairs.map(([a]) => a),
          pairs.map(([, b]) => b),
        );
        const back = pairedBound(
          pairs.map(([, b]) => b),
          pairs.map(([a]) => a),
        );
        expect(back.mean).toBeCloseTo(-there.mean, 9);
        expect(back.lower).toBeCloseTo(-there.upper, 9);
      }),
    );
  });
});

describe('promotion', () => {
  test.each([
    ['not-worse', 0.3, 0.1, 'promoted'],
    ['not-worse', 0, 0.1, 'promoted'],
    ['not-worse', -0.05, 0.1, 'promoted'],
    ['not-worse', -0.3, 0.1, 'kept'],
    ['better', 0.3, 0.1, 'promoted'],
    ['better', 0.05, 0.1, 'kept'],
    ['better', -0.3, 0.1, 'kept'],
    ['manual', 0.3, 0.1, 'manual'],
    ['manual', -0.3, 0.1, 'manual'],
  ] as const)('under %s, a gain of %d ± %d is %s', (policy, mean, half, expected) => {
    expect(outcome({ policy, bound: bound(mean, half) })).toBe(expected);
  });

  test('a candidate that predicts no probabilities is kept out under every policy', () => {
    for (const policy of ['not-worse', 'better', 'manual'] as const)
      expect(outcome({ policy, finite: false, bound: bound(1, 0.1) })).toBe('kept');
  });

  test('the first model must beat the base rate', () => {
    expect(outcome({ champion: undefined, bound: bound(0.01, 0.1) })).toBe('promoted');
    expect(outcome({ champion: undefined, bound: bound(-0.01, 0.1) })).toBe('kept');
    expect(decide({ policy: 'not-worse', champion: undefined, bound: bound(-0.01, 0.1), finite: true }).reason).toBe(
      'no better than the base rate: its log loss is 0.010 higher on 1000 audit samples',
    );
    expect(outcome({ champion: undefined, policy: 'manual', bound: bound(0.01, 0.1) })).toBe('manual');
  });

  test('without audit samples it says that nothing was judged', () => {
    const nothing = pairedBound([], []);
    expect(decide({ policy: 'not-worse', champion: undefined, bound: nothing, finite: true })).toEqual({
      outcome: 'promoted',
      reason: 'not judged: there are no audit samples',
      sampleCount: 0,
      meanGain: null,
      lowerBound: null,
      upperBound: null,
    });
    expect(outcome({ policy: 'better', bound: nothing })).toBe('kept');
  });
});

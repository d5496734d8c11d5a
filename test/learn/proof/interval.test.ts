import { describe, expect, test } from 'vitest';
import { intervalOf } from '../../../src/learn/proof/interval.js';

const pairs = (differences: readonly number[], variance: number) =>
  differences.map((difference) => ({ difference, variance }));

describe('the interval of a proof', () => {
  test('of halvings that agree is that of the judging rows, each of which judges once a halving', () => {
    const { mean, lower, upper } = intervalOf(pairs([0.02, 0.04, 0.04, 0.02, 0.03, 0.03], 8e-4));
    expect(mean).toBeCloseTo(0.03, 12);
    expect(upper - mean).toBeCloseTo(1.96 * 0.02, 12);
    expect(mean - lower).toBeCloseTo(1.96 * 0.02, 12);
  });

  test('widens with what halvings differ by, and further halvings do not make that vanish', () => {
    const width = (count: number) => {
      const { lower, upper } = intervalOf(
        pairs(
          Array.from({ length: count }, (_, i) => (i % 4 < 2 ? 0.1 : -0.1)),
          0,
        ),
      );
      return upper - lower;
    };
    expect(width(4)).toBeGreaterThan(0.1);
    expect(width(16)).toBeGreaterThan(0.1);
  });
});

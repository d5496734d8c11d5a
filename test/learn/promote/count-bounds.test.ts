import { expect, test } from 'vitest';
import { countBounds } from '../../../src/learn/promote/count-bounds.js';

/** χ²(.05, 2k)/2 and χ²(.95, 2k + 2)/2, by scipy. */
const EXACT = [
  [2, 0.355, 6.296],
  [3, 0.818, 7.754],
  [5, 1.97, 10.513],
  [10, 5.425, 16.962],
  [30, 21.594, 40.691],
  [100, 84.139, 118.079],
] as const;

test('the bounds of a count are the exact ones within 3 %', () => {
  for (const [count, lower, upper] of EXACT) {
    const bounds = countBounds(count);
    expect(Math.abs(bounds.lower / lower - 1)).toBeLessThan(0.03);
    expect(Math.abs(bounds.upper / upper - 1)).toBeLessThan(0.01);
  }
});

test('none counted leaves three to be expected, and nothing below', () => {
  expect(countBounds(0).lower).toBe(0);
  expect(countBounds(0).upper).toBeCloseTo(2.996, 1);
});

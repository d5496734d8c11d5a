import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rankAmong } from '../../../src/pipeline/features/rank.js';

test('a rank is the share of the other values that are smaller', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 40 }), (values) => {
      const sorted = values.toSorted((a, b) => a - b);
      for (const value of values) {
        const smaller = values.filter((other) => other < value).length;
        expect(rankAmong(sorted, value)).toBe(smaller / (values.length - 1));
      }
    }),
  );
});

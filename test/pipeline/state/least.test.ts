import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastOf } from '../../../src/pipeline/state/least.js';

describe('the least of some numbers', () => {
  const number = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 9 }), fc.maxSafeNat());

  it('is the one that sorting finds, for every rank', () => {
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 60 }), (numbers) => {
        const given = Float64Array.from(numbers);
        const sorted = given.slice().sort();
        for (let rank = 1; rank <= numbers.length; rank++)
          expect(leastOf(given, rank)).toEqual({
            value: sorted[rank - 1],
            lessCount: sorted.indexOf(sorted[rank - 1]!),
          });
      }),
    );
  });

  it('is that among a hundred thousand within one millisecond of a day, too', () => {
    const given = Float64Array.from({ length: 100_000 }, (_, i) =>
      i % 10 === 0 ? (i * 7919) % 86_400_000 : 43_200_000 + ((i * 31) % 7),
    );
    const sorted = given.slice().sort();
    for (const rank of [1, 5_000, 50_000, 99_999, 100_000])
      expect(leastOf(given, rank)).toEqual({ value: sorted[rank - 1], lessCount: sorted.indexOf(sorted[rank - 1]!) });
  });
});

import { describe, expect, it } from 'vitest';
import { correctionHeader, isKnownAt, readCorrection } from '../../src/events/correction.js';

const CORRECTION = { sampleKey: 9_007_199_254_740_991, partition: 2, partitionCount: 12, after: 345 };

describe('a correction', () => {
  it('is read as it was written, and nothing else is one', () => {
    expect(readCorrection(correctionHeader(CORRECTION))).toEqual(CORRECTION);
    for (const header of [
      undefined,
      '',
      '1/2/3',
      '1/2/0/4',
      '1/2/3/4/5',
      '1/2/3/x',
      '9007199254740993/0/1/0',
      '-1/0/1/0',
    ])
      expect(readCorrection(header)).toBeUndefined();
  });

  it('is known to a fit on more samples of its partition than were final at its turn', () => {
    const seen = (count: number): number[] =>
      Array.from({ length: 12 }, (_, partition) => (partition === 2 ? count : 999));
    expect([345, 346].map((count) => isKnownAt(CORRECTION, seen(count)))).toEqual([false, true]);
    expect(isKnownAt(CORRECTION, undefined)).toBe(true);
    // Counted by another partition count: it is of an earlier life.
    expect(isKnownAt(CORRECTION, [1])).toBe(true);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Decree } from '../../../src/pipeline/order/decree.js';
import { addCounts, COUNT_NAMES, noCounts, type Counts } from '../../../src/pipeline/progress/counts.js';
import { decodeProgress, encodeProgress, NO_PROGRESS, type Progress } from '../../../src/pipeline/progress/progress.js';
import { MAX_PROGRESS_BYTES } from '../../../src/ports/transport.js';
import { T0 } from '../kit.js';

const counts: fc.Arbitrary<Counts> = fc
  .array(fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e15, noNaN: true })), {
    minLength: COUNT_NAMES.length,
    maxLength: COUNT_NAMES.length,
  })
  .map((values) => Object.fromEntries(COUNT_NAMES.map((name, i) => [name, values[i]!])) as unknown as Counts);

/** Advances as they come: positions and floors that never go back, an end of the input among them. */
const forced: fc.Arbitrary<Decree[]> = fc
  .array(
    fc.record({
      impressions: fc.nat(100_000),
      interactions: fc.nat(100_000),
      floorMs: fc.option(fc.integer({ min: 250, max: 1e10 })),
      other: fc.option(
        fc.oneof(
          fc.record({
            believes: fc.constantFrom('impressions' as const, 'interactions' as const),
            upToMs: fc.oneof(fc.integer({ min: 0, max: 4e12 }), fc.constant(Infinity)),
          }),
          fc.record({ settings: fc.stringMatching(/^[0-9a-f]{12}$/) }),
        ),
      ),
    }),
    { maxLength: 60 },
  )
  .map((steps) => {
    const at = { impressions: 0, interactions: 0, floorMs: T0 };
    return steps.map(({ impressions, interactions, floorMs, other }) => {
      at.impressions += impressions;
      at.interactions += interactions;
      const place = { impressions: at.impressions, interactions: at.interactions };
      if (other) return { ...place, ...other };
      at.floorMs += floorMs ?? 0;
      return { ...place, floorMs: floorMs === null ? null : at.floorMs };
    });
  });

const progress: fc.Arbitrary<Progress> = fc.record({
  at: fc.record({ impressions: fc.maxSafeNat(), interactions: fc.maxSafeNat() }),
  watermarkMs: fc.oneof(fc.constant(-Infinity), fc.integer({ min: 0, max: 4e12 })),
  emittedBefore: fc.oneof(
    fc.maxSafeNat().map((mark) => [mark]),
    fc.tuple(fc.maxSafeNat(), fc.nat(), fc.nat(), fc.integer({ min: 1 })),
  ),
  lnMu: fc.option(fc.double({ min: -25, max: 25, noNaN: true })),
  counts,
  forced,
  checkpointId: fc.option(fc.nat()),
  shared: fc.record({ from: fc.maxSafeNat(), lastNumber: fc.nat() }),
});

describe('a progress record', () => {
  it('reads back as it was written, to the last bit', () => {
    fc.assert(
      fc.property(progress, (progress) => {
        // −0 is written as 0.
        expect(decodeProgress(encodeProgress(progress))).toEqual({
          ...progress,
          lnMu: progress.lnMu === null ? null : progress.lnMu + 0,
        });
      }),
    );
  });

  it('of nothing, or empty, is the beginning, and its counts are its own', () => {
    expect(decodeProgress(null)).toEqual(NO_PROGRESS);
    expect(decodeProgress('')).toEqual(NO_PROGRESS);
    decodeProgress(null).counts.samplesSeen++;
    expect(decodeProgress(null).counts.samplesSeen).toBe(0);
  });

  it('with counts of years and a hundred forced advances fits the limit', () => {
    const large: Counts = Object.fromEntries(
      COUNT_NAMES.map((name) => [name, 123_456_789_012.123]),
    ) as unknown as Counts;
    const advances = Array.from({ length: 100 }, (_, i) => ({
      impressions: 1e12 + i * 54_321,
      interactions: 1e12 + i * 54_321,
      floorMs: T0 + i * 28_125,
    }));
    const text = encodeProgress({
      watermarkMs: T0,
      emittedBefore: [1e12, 1e12, 1e12, 1e12],
      lnMu: -2.718281828459045,
      counts: large,
      forced: advances,
      checkpointId: 1_000_000,
      contradictions: [T0, 'A'.repeat(512)],
      shared: { from: 1e12, lastNumber: 1e9 },
    });
    expect(new TextEncoder().encode(text).length).toBe(text.length);
    expect(text.length).toBeLessThan(MAX_PROGRESS_BYTES);
  });

  it('over the limit is refused instead of being cut', () => {
    const advances = Array.from({ length: 1_000 }, (_, i) => ({ impressions: i, interactions: i, floorMs: T0 + i }));
    expect(() => encodeProgress({ ...NO_PROGRESS, forced: advances })).toThrow(
      expect.objectContaining({ code: 'progress-too-large' }) as Error,
    );
  });

  it('of another version is refused', () => {
    expect(() => decodeProgress('{"v":2}')).toThrow(expect.objectContaining({ code: 'progress-version' }) as Error);
  });

  it('of a release with fewer counts reads them as zero', () => {
    const last = COUNT_NAMES.at(-1)!;
    const text = encodeProgress({ ...NO_PROGRESS, counts: { ...noCounts(), impressionsRead: 7, [last]: 3 } });
    const older = JSON.parse(text) as { c: string };
    older.c = older.c.slice(0, older.c.lastIndexOf(' '));
    expect(decodeProgress(JSON.stringify(older)).counts).toMatchObject({ impressionsRead: 7, [last]: 0 });
  });
});

describe('counts', () => {
  it('have a name for each field, and add up field by field', () => {
    expect(Object.keys(noCounts())).toEqual([...COUNT_NAMES]);
    fc.assert(
      fc.property(counts, counts, (one, more) => {
        const sum = { ...one };
        addCounts(sum, more);
        for (const name of COUNT_NAMES) expect(sum[name]).toBe(one[name] + more[name]);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecentKeys } from '../../../src/pipeline/state/recent-keys.js';

const WINDOW_MS = 100;
const UNBOUNDED = 1_000_000;

const adds = fc.array(
  fc.record({
    key: fc.oneof(
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 30 }).map((n) => n * 2 ** 32),
    ),
    laterMs: fc.nat(40),
  }),
  { maxLength: 300, size: 'max' },
);

describe('recent keys', () => {
  it('a key is a duplicate for at least the window after it was added, and new once nothing within two windows added it', () => {
    fc.assert(
      fc.property(adds, (adds) => {
        const recent = new RecentKeys(WINDOW_MS, UNBOUNDED);
        const addedMs = new Map<number, number>();
        let nowMs = 1_000;
        let turns = 0;
        for (const { key, laterMs } of adds) {
          nowMs += laterMs;
          const sinceMs = nowMs - (addedMs.get(key) ?? -Infinity);
          const isNew = recent.add(key, nowMs);
          if (sinceMs <= WINDOW_MS) expect(isNew).toBe(false);
          // Generations turn at the first key past their window, up to one step of 40 ms late each.
          if (sinceMs > 2 * (WINDOW_MS + 40)) expect(isNew).toBe(true);
          if (isNew) addedMs.set(key, nowMs);
          turns++;
        }
        expect(turns).toBe(adds.length);
      }),
      { numRuns: 200 },
    );
  });

  it('agrees with two generations of sets', () => {
    fc.assert(
      fc.property(
        adds,
        fc.oneof(
          fc.constant(UNBOUNDED),
          fc.integer({ min: 2, max: 20 }).map((half) => 2 * half),
        ),
        (adds, maxEntries) => {
          const recent = new RecentKeys(WINDOW_MS, maxEntries);
          let young = new Set<number>();
          let old = new Set<number>();
          let sinceMs = -Infinity;
          let nowMs = 1_000;
          for (const { key, laterMs } of adds) {
            nowMs += laterMs;
            if (nowMs - sinceMs >= WINDOW_MS || young.size * 2 >= maxEntries)
              [old, young, sinceMs] = [young, new Set(), nowMs];
            const isNew = !old.has(key) && !young.has(key);
            if (isNew) young.add(key);
            expect(recent.add(key, nowMs)).toBe(isNew);
            expect(recent.size).toBe(young.size + old.size);
            expect(recent.size).toBeLessThanOrEqual(maxEntries);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('remembers more keys than its first table holds', () => {
    const recent = new RecentKeys(WINDOW_MS, UNBOUNDED);
    const keys = Array.from({ length: 5_000 }, (_, i) => (i + 1) * 1_234_567_891);
    for (const key of keys) expect(recent.add(key, 0)).toBe(true);
    for (const key of keys) expect(recent.add(key, 1)).toBe(false);
    expect(recent.size).toBe(5_000);
  });

  it('a time that goes back neither forgets nor turns', () => {
    const recent = new RecentKeys(WINDOW_MS, UNBOUNDED);
    recent.add(1, 10_000);
    expect(recent.add(2, 500)).toBe(true);
    expect(recent.add(1, 600)).toBe(false);
    expect(recent.add(2, 10_050)).toBe(false);
  });

  it('goes on alike after capture and restore', () => {
    fc.assert(
      fc.property(adds, adds, fc.integer({ min: 4, max: 40 }), (before, after, maxEntries) => {
        const first = new RecentKeys(WINDOW_MS, maxEntries);
        let nowMs = 1_000;
        for (const { key, laterMs } of before) first.add(key, (nowMs += laterMs));
        const second = new RecentKeys(WINDOW_MS, maxEntries);
        second.add(99, 5);
        second.restore(structuredClone(first.capture()));
        expect(second.size).toBe(first.size);
        for (const { key, laterMs } of after) {
          nowMs += laterMs;
          expect(second.add(key, nowMs)).toBe(first.add(key, nowMs));
        }
      }),
      { numRuns: 200 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Frontier } from '../../../src/pipeline/repartition/frontier.js';

/** Takes partitions in the order of where their next messages stand. @returns event times with their partition */
function merged(partitions: readonly (readonly number[])[], credibleMs: number): { timeMs: number; of: number }[] {
  const frontiers = partitions.map(() => new Frontier(credibleMs));
  const next = partitions.map(() => 0);
  const stands = partitions.map((times, of) => frontiers[of]!.reach(times[0], times.slice(1)));
  const taken: { timeMs: number; of: number }[] = [];
  for (;;) {
    const left = partitions.map((_, of) => of).filter((of) => next[of]! < partitions[of]!.length);
    if (left.length === 0) return taken;
    const of = left.reduce((first, other) => (stands[other]! < stands[first]! ? other : first));
    const times = partitions[of]!;
    taken.push({ timeMs: times[next[of]!]!, of });
    next[of]!++;
    if (next[of]! < times.length) stands[of] = frontiers[of]!.reach(times[next[of]!], times.slice(next[of]! + 1));
  }
}

describe('partitions read in step', () => {
  it('a message finds none before it that is newer than the newest of its own partition', () => {
    const partition = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.array(partition, { minLength: 1, maxLength: 5 }), (partitions) => {
        const newestOf = partitions.map(() => -Infinity);
        let newest = -Infinity;
        for (const { timeMs, of } of merged(partitions, Infinity)) {
          newestOf[of] = Math.max(newestOf[of]!, timeMs);
          newest = Math.max(newest, timeMs);
          expect(newest).toBeLessThanOrEqual(newestOf[of]);
        }
      }),
    );
  });

  it('one absurd clock, wherever it stands, does not hold its partition back', () => {
    const times = Array.from({ length: 100 }, (_, n) => n * 10);
    const absurd = 4_000_000_000_000;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 98 }), (at) => {
        const spoilt = times.map((timeMs, n) => (n === at ? absurd : timeMs));
        const order = merged([spoilt, times], 1_000).filter(({ timeMs }) => timeMs !== absurd);
        let newest = -Infinity;
        for (const { timeMs } of order) {
          newest = Math.max(newest, timeMs);
          expect(timeMs).toBeGreaterThan(newest - 1_000);
        }
      }),
    );
  });

  it('a silence of its whole partition is a silence: what comes after it waits for the others', () => {
    const silent = [0, 10, ...Array.from({ length: 40 }, (_, n) => 1_000_000 + n)];
    const busy = Array.from({ length: 200 }, (_, n) => n * 5_000);
    const order = merged([silent, busy], 60_000).map(({ timeMs }) => timeMs);
    expect(order).toEqual([...order].sort((left, right) => left - right));
  });

  it('messages without a time stand where the one before them does', () => {
    const frontier = new Frontier(1_000);
    expect(frontier.reach(undefined, [5])).toBe(-Infinity);
    expect(frontier.reach(5, [])).toBe(5);
    expect(frontier.reach(undefined, [])).toBe(5);
  });
});

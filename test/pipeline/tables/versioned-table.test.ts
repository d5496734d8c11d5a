import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Version, VersionedTable } from '../../../src/pipeline/tables/versioned-table.js';

const KEYS = ['a', 'b', 'c'];

const version = fc.record({
  timeMs: fc.integer({ min: 0, max: 30 }),
  lateByMs: fc.integer({ min: 0, max: 12 }),
  writtenMs: fc.integer({ min: 0, max: 3 }),
  isGone: fc.boolean(),
  key: fc.constantFrom(...KEYS),
});

/** Versions as they are put, each at an offset of its own. */
const versions = fc.array(version, { maxLength: 40 }).map((all) =>
  all.map(({ timeMs, lateByMs, writtenMs, isGone, key }, offset) => ({
    key,
    version: {
      timeMs,
      fromMs: timeMs + lateByMs,
      writtenMs,
      partition: 0,
      offset,
      row: isGone ? null : [offset],
    } satisfies Version,
  })),
);

type Put = { readonly key: string; readonly version: Version };

/** What must be found, by looking at every version there is. */
function foundIn(all: readonly Put[], key: string, timeMs: number): readonly unknown[] | undefined {
  const eligible = all.filter((put) => put.key === key && put.version.fromMs <= timeMs).map((put) => put.version);
  const [newest] = eligible.sort((a, b) => b.timeMs - a.timeMs || b.writtenMs - a.writtenMs || b.offset - a.offset);
  return newest?.row ?? undefined;
}

function tableOf(all: readonly Put[]): VersionedTable {
  const table = new VersionedTable();
  for (const { key, version: one } of all) table.put(key, one);
  return table;
}

const TIMES = Array.from({ length: 45 }, (_, timeMs) => timeMs);

describe('a table of versions', () => {
  it('finds the newest version that counts by then, in whatever order and however often they were put', () => {
    fc.assert(
      fc.property(versions, fc.infiniteStream(fc.nat()), (all, draws) => {
        const drawn = all.map((put) => ({ put, at: draws.next().value as number }));
        const shuffled = drawn.sort((a, b) => a.at - b.at).map(({ put }) => put);
        const table = tableOf([...shuffled, ...all]);
        expect(table.versionCount).toBe(all.length);
        for (const key of KEYS)
          for (const timeMs of TIMES) expect(table.at(key, timeMs)).toEqual(foundIn(all, key, timeMs));
      }),
    );
  });

  it('finds from a time on what it found before, once what is older was dropped, and holds no more than that needs', () => {
    fc.assert(
      fc.property(versions, fc.integer({ min: 0, max: 45 }), (all, fromMs) => {
        const table = tableOf(all);
        table.prune(fromMs);
        for (const key of KEYS)
          for (const timeMs of TIMES.filter((one) => one >= fromMs))
            expect(table.at(key, timeMs)).toEqual(foundIn(all, key, timeMs));
        const later = all.filter(({ version: one }) => one.fromMs > fromMs).length;
        expect(table.versionCount).toBeLessThanOrEqual(later + KEYS.length);
        expect(table.prunedToMs).toBe(fromMs);
      }),
    );
  });
});

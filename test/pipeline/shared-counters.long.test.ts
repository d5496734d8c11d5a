import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock, MemoryLog } from '../../src/adapters/memory/index.js';
import { impressionIdOf } from '../../src/events/impression-id.js';
import { takeClosed } from '../../src/pipeline/close/close.js';
import { plainly } from '../../src/pipeline/stage.js';
import { TO_STATE } from '../../src/pipeline/stages/index.js';
import type { NewRecord, ReadRecord } from '../../src/ports/transport.js';
import { feed, live, outputsOf, readAll, retraced, stateOf, type Life, type World } from './instance.js';
import { configOf, T0 } from './kit.js';
import { randomOf, trafficOf } from './traffic.js';

const WINDOW_MS = 10_000;
const LATENESS_MS = 1_000;
const NEVER_MS = 1_000_000_000;

function worldOf(checkpointEveryBytes = NEVER_MS, counters: 'shared' | 'partition' = 'shared'): World {
  const config = configOf({
    topics: { partitions: 1 },
    batch: { lingerMs: 0, commitEveryMs: 0 },
    join: {
      attributionWindowMs: WINDOW_MS,
      allowedLatenessMs: LATENESS_MS,
      lateRetentionMs: 5_000,
      deduplicationWindowMs: 15_000,
      idleTimeoutMs: NEVER_MS,
    },
    features: { counters, shareEveryMs: 2_000, shortHalfLifeMs: 20_000, longHalfLifeMs: 120_000, omit: [] },
    selection: { scorer: 'uniform', budget: 1, auditFraction: 0 },
    state: { checkpointEveryMs: NEVER_MS, checkpointEveryBytes },
  });
  return { log: new MemoryLog(), clock: new ManualClock({ nowMs: T0 + 200_000 }), config };
}

const traffic = (seed: number, lists: number) =>
  trafficOf({ seed, lists, windowMs: WINDOW_MS, latenessMs: LATENESS_MS }).records;

/** What a partition tells that has lived through some traffic, as if another partition told it. */
async function toldBy(seed: number, lists: number, partition = 1): Promise<NewRecord[]> {
  const world = worldOf();
  await feed(world, traffic(seed, lists));
  await live(world, { untilEnd: true });
  const records = await readAll(world, ['counters']);
  return records.map((record) => asOf(partition, record));
}

function asOf(partition: number, { topic, key, value, headers }: ReadRecord): NewRecord {
  const delta = headers['sluice.delta']!.replace(/^\d+/, String(partition));
  return { topic, key, value, headers: { ...headers, 'sluice.delta': delta }, partition: 0 };
}

/** Appends records a few at a time, with the polls of lives. */
function trickle(world: World, records: readonly NewRecord[], seed: number): () => Promise<void> {
  const random = randomOf(seed);
  let next = 0;
  return async () => {
    const to = Math.min(records.length, next + Math.floor(random() * 4));
    if (to > next) await feed(world, records.slice(next, to));
    next = to;
  };
}

const seed = fc.integer({ min: 1, max: 1_000_000 });
const brokenLife: fc.Arbitrary<Omit<Life, 'untilEnd'>> = fc.oneof(
  fc.record({ noise: seed, stopAfterCommits: fc.integer({ min: 1, max: 25 }), retires: fc.boolean() }),
  fc.record({ noise: seed, failAtCommit: fc.integer({ min: 1, max: 25 }) }),
  fc.record({ noise: seed, loseAnswerAtCommit: fc.integer({ min: 1, max: 25 }) }),
);
const lives = fc.array(brokenLife, { minLength: 1, maxLength: 4 });
const checkpointing = [
  ['from the input alone', NEVER_MS],
  ['from checkpoints', 3_000],
] as const;

/** Columns of the samples that went out, by sample, as numbers of 32 bits. */
async function sentRows(world: World): Promise<Map<string, readonly (number | null)[]>> {
  const { training } = await outputsOf(world);
  return new Map(
    training!.map((line) => {
      const row = JSON.parse(line.slice(line.indexOf('} {') + 2)) as { sampleId: string; features: (number | null)[] };
      return [row.sampleId, row.features.map((value) => (value === null ? null : Math.fround(value)))];
    }),
  );
}

/** The same, from a re-read of everything. */
async function rereadRows(world: World): Promise<Map<string, readonly (number | null)[]>> {
  const rows = new Map<string, readonly (number | null)[]>();
  await retraced(world, async (partition) => {
    await TO_STATE.run(plainly, partition, undefined);
    const { join } = partition.state;
    const closed = takeClosed(join, world.config.label, Infinity);
    const { columnCount } = join.open;
    for (let i = 0; i < closed.rowCount; i++) {
      const { shown } = closed.lists[i]!;
      const item = shown.items[closed.places[i]!]!;
      const values = closed.rows.subarray(i * columnCount, (i + 1) * columnCount);
      rows.set(
        impressionIdOf(shown.requestId, item),
        Array.from(values, (value) => (Number.isNaN(value) ? null : value)),
      );
    }
  });
  return rows;
}

describe('a partition that shares counters', { timeout: 300_000 }, () => {
  it.each(checkpointing)('is restored to the state it had, whenever others tell it something, %s', async (_, bytes) => {
    await fc.assert(
      fc.asyncProperty(seed, fc.integer({ min: 20, max: 80 }), lives, async (of, lists, lived) => {
        const world = worldOf(bytes);
        await feed(world, traffic(of, lists));
        const beforePoll = trickle(world, await toldBy(of + 1, lists), of);
        let before: unknown;
        for (const life of lived) {
          let restored: unknown;
          const { partition } = await live(world, {
            ...life,
            untilEnd: false,
            stopAfterUnits: 60,
            beforePoll,
            onRestored: (fresh) => (restored = stateOf(fresh)),
          });
          if (before !== undefined) expect(restored).toEqual(before);
          const hasCrashed = life.failAtCommit !== undefined || life.loseAnswerAtCommit !== undefined;
          before = hasCrashed || !partition ? undefined : stateOf(partition);
        }
      }),
      { numRuns: 40 },
    );
  });

  it.each(checkpointing)(
    'puts out the same bytes as one that never stopped, where it was told the same, %s',
    async (_, bytes) => {
      await fc.assert(
        fc.asyncProperty(seed, fc.integer({ min: 20, max: 80 }), lives, async (of, lists, lived) => {
          const told = await toldBy(of + 1, lists);
          const [unbroken, broken] = [worldOf(), worldOf(bytes)];
          for (const world of [unbroken, broken]) await feed(world, [...told, ...traffic(of, lists)]);
          await live(unbroken, { untilEnd: true });
          for (const life of lived) await live(broken, { ...life, untilEnd: true });
          await live(broken, { untilEnd: true });
          expect(await outputsOf(broken)).toEqual(await outputsOf(unbroken));
        }),
        { numRuns: 30 },
      );
    },
  );

  it('gives every sample the columns that a re-read of everything finds, through kills', async () => {
    await fc.assert(
      fc.asyncProperty(seed, fc.integer({ min: 20, max: 80 }), lives, async (of, lists, lived) => {
        const world = worldOf();
        await feed(world, traffic(of, lists));
        const beforePoll = trickle(world, await toldBy(of + 1, lists), of);
        for (const life of lived) await live(world, { ...life, untilEnd: true, beforePoll });
        await live(world, { untilEnd: true, beforePoll });
        const sent = await sentRows(world);
        const reread = await rereadRows(world);
        expect(sent.size).toBeGreaterThan(0);
        for (const [id, row] of sent) expect([id, reread.get(id)]).toEqual([id, row]);
      }),
      { numRuns: 30 },
    );
  });

  it('has something to tell: with it, rows differ from those without', async () => {
    const told = await toldBy(8, 60);
    expect(told.length).toBeGreaterThan(10);
    const rows = await Promise.all(
      (['shared', 'partition'] as const).map(async (counters) => {
        const world = worldOf(NEVER_MS, counters);
        await feed(world, [...(counters === 'shared' ? told : []), ...traffic(7, 60)]);
        await live(world, { untilEnd: true });
        return sentRows(world);
      }),
    );
    expect(rows[0]!.size).toBe(rows[1]!.size);
    expect(rows[0]).not.toEqual(rows[1]);
  });
});

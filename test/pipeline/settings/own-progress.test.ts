import { describe, expect, it } from 'vitest';
import { ManualClock, MemoryLog, MemoryTransport } from '../../../src/adapters/memory/index.js';
import { resetApplication } from '../../../src/app/reset.js';
import { decodeProgress } from '../../../src/pipeline/progress/progress.js';
import type { InputOffsets } from '../../../src/ports/transport.js';
import { resetDeps } from '../../app/fixture.js';
import { feed, live, progressOf, readAll, type World } from '../instance.js';
import { configOf, T0 } from '../kit.js';
import { trafficOf } from '../traffic.js';

const WINDOW_MS = 10_000;
const LATENESS_MS = 1_000;

function worldOf(application: string, log = new MemoryLog(), prefix = 'in.'): World {
  const config = configOf({
    application,
    topics: { partitions: 1, prefix },
    batch: { lingerMs: 0, commitEveryMs: 0 },
    join: { attributionWindowMs: WINDOW_MS, allowedLatenessMs: LATENESS_MS, idleTimeoutMs: 1_000_000_000 },
    selection: { scorer: 'uniform', budget: 1, auditFraction: 0.2 },
    state: { checkpointEveryMs: 1_000_000_000, checkpointEveryBytes: 3_000 },
  });
  return { log, clock: new ManualClock({ nowMs: T0 + 200_000 }), config };
}

const traffic = (seed: number, lists: number) =>
  trafficOf({ seed, lists, windowMs: WINDOW_MS, latenessMs: LATENESS_MS }).records;

const countsOf = async (world: World) => decodeProgress(await progressOf(world)).counts;
const transportOf = ({ log, clock, config }: World) =>
  new MemoryTransport({ application: config.application, topics: config.topics, clock, log });

/** Commits bare offsets, as a tool that resets a consumer group does: the record beside them is gone. */
async function setOffsets(world: World, offsets: InputOffsets, progress = ''): Promise<void> {
  const transport = transportOf(world);
  await transport.prepare();
  await new Promise<void>((resolve, reject) => {
    void transport.join({
      failed: reject,
      assigned: (lease) => lease.commit({ records: [], offsets, progress }).then(resolve, reject),
    });
  });
  await transport.leave();
}

async function sampleIds(world: World): Promise<string[]> {
  const rows = await readAll(world, ['training', 'audit']);
  return rows.map(({ value }) => (JSON.parse(Buffer.from(value!).toString()) as { sampleId: string }).sampleId);
}

describe('progress that was lost', () => {
  it.each([
    ['to the beginning', { impressions: 0, interactions: 0 }],
    ['to somewhere', { impressions: 12, interactions: 9 }],
  ])('with offsets set %s is refused and named, and nothing is emitted again', async (_, offsets) => {
    const world = worldOf('app');
    await feed(world, traffic(1, 40));
    await live(world, { untilEnd: true });
    const before = await sampleIds(world);
    await setOffsets(world, offsets);
    await expect(live(world, { untilEnd: true })).rejects.toMatchObject({
      code: 'progress-lost',
      message: expect.stringContaining('sluice reset') as string,
    });
    expect(await sampleIds(world)).toEqual(before);
  });

  it.each(['impressions', 'interactions'] as const)(
    'with the offsets of the %s alone moved, the record of the other beside them, is refused, too',
    async (input) => {
      const world = worldOf('app');
      await feed(world, traffic(1, 40));
      await live(world, { untilEnd: true });
      const before = await sampleIds(world);
      const record = await progressOf(world);
      await setOffsets(world, { ...decodeProgress(record).at!, [input]: 7 }, record!);
      await expect(live(world, { untilEnd: true })).rejects.toMatchObject({ code: 'progress-lost' });
      expect(await sampleIds(world)).toEqual(before);
    },
  );

  it('an application that has done nothing yet is no such case', async () => {
    const world = worldOf('app');
    await feed(world, traffic(1, 10));
    await setOffsets(world, { impressions: 0, interactions: 0 });
    expect((await live(world, { untilEnd: true })).isDone).toBe(true);
  });

  it('reset --to end goes on with what comes next; the old samples stay, none is there twice', async () => {
    const world = worldOf('app');
    await feed(world, traffic(1, 40));
    await live(world, { untilEnd: true });
    const before = await sampleIds(world);
    await setOffsets(world, { impressions: 0, interactions: 0 });
    const [reset] = await resetApplication(world.config, transportOf(world), 'end', resetDeps());
    expect(reset).toMatchObject({ partition: 0, from: { impressions: 0, interactions: 0 } });
    const later = trafficOf({
      seed: 2,
      lists: 20,
      fromMs: T0 + 90_000,
      windowMs: WINDOW_MS,
      latenessMs: LATENESS_MS,
      prefix: 'later-',
    });
    await feed(world, later.records);
    expect((await live(world, { untilEnd: true })).isDone).toBe(true);
    const after = await sampleIds(world);
    expect(before.filter((id) => !after.includes(id))).toEqual([]);
    expect(new Set(after).size).toBe(after.length);
    expect(after.length - before.length).toBe((await countsOf(world)).samplesSeen);
    expect((await countsOf(world)).samplesSeen).toBeGreaterThan(5);
  });

  it('reset --to earliest emits again what the inputs hold, under the same ids', async () => {
    const world = worldOf('app');
    await feed(world, traffic(1, 40));
    await live(world, { untilEnd: true });
    const before = await sampleIds(world);
    await resetApplication(world.config, transportOf(world), 'earliest', resetDeps());
    await live(world, { untilEnd: true });
    expect((await sampleIds(world)).sort()).toEqual([...before, ...before].sort());
  });
});

describe('applications over the same topics', () => {
  it('keep apart: neither reads or replaces what the other has written, whatever they are killed by', async () => {
    const records = traffic(5, 80);
    const alone = worldOf('one');
    await feed(alone, records);
    await live(alone, { untilEnd: true });
    const expected = await countsOf(alone);

    const one = worldOf('one');
    const two = worldOf('two', one.log);
    await feed(one, records);
    // Checkpoints of both get the same ids, one after the other.
    for (let round = 1; round <= 6; round++) {
      await live(one, { untilEnd: false, noise: round, stopAfterUnits: 25, packsAtOnce: true });
      await live(two, { untilEnd: false, noise: 10 * round, stopAfterUnits: 15, packsAtOnce: true });
    }
    await live(one, { untilEnd: true });
    await live(two, { untilEnd: true });
    expect(await countsOf(one)).toEqual(expected);
    expect(await countsOf(two)).toEqual(expected);
  });
});

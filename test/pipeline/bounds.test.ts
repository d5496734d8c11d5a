import { describe, expect, it } from 'vitest';
import { ManualClock, MemoryLog } from '../../src/adapters/memory/index.js';
import type { ConfigInput } from '../../src/config/schema.js';
import { ENOUGH_FOR } from '../../src/pipeline/order/held-ahead.js';
import { decodeProgress } from '../../src/pipeline/progress/progress.js';
import type { Partition } from '../../src/pipeline/partition.js';
import type { NewRecord } from '../../src/ports/transport.js';
import { feed, live, outputsOf, progressOf, type World } from './instance.js';
import { configOf, T0 } from './kit.js';

const NEVER_MS = 1_000_000_000;
const utf8 = new TextEncoder();

function worldOf(input: ConfigInput): World {
  const config = configOf({
    ...input,
    batch: { lingerMs: 0, commitEveryMs: 0, maxBytes: 20_000 },
    join: {
      attributionWindowMs: 1_800_000,
      allowedLatenessMs: 1_000,
      lateRetentionMs: 600_000,
      idleTimeoutMs: NEVER_MS,
      ...input.join,
    },
    selection: { scorer: 'uniform', budget: 0.5, auditFraction: 0.2 },
    state: { checkpointEveryMs: NEVER_MS, checkpointEveryBytes: 1e12 },
  });
  return { log: new MemoryLog(), clock: new ManualClock({ nowMs: T0 + 10_000_000 }), config };
}

const record = (topic: 'impressions' | 'interactions', event: object): NewRecord => ({
  topic,
  key: null,
  value: utf8.encode(JSON.stringify(event)),
  partition: 0,
});
const listAt = (n: number, eventTimeMs: number, rest: object = {}, item: object = {}): NewRecord =>
  record('impressions', {
    requestId: `r${n}`,
    eventTimeMs,
    surface: 'AD',
    sessionId: `s${n % 50}`,
    items: Array.from({ length: 10 }, (_, i) => ({ itemId: `i${(n * 7 + i) % 300}`, position: i + 1, ...item })),
    ...rest,
  });
const clickAt = (n: number, eventTimeMs: number): NewRecord =>
  record('interactions', {
    interactionId: `c${n}`,
    eventTimeMs,
    type: 'CLICK',
    sessionId: `s${n % 50}`,
    itemId: `i${(n * 7) % 300}`,
    requestId: `r${n}`,
  });
const countsOf = async (world: World) => decodeProgress(await progressOf(world)).counts;
const remembered = ({ state }: Partition): number => state.join.open.end - state.join.open.retainedFrom;

describe('memory under a cap of open impressions', () => {
  it('is bounded under close-oldest, closed ones included: the oldest close early, are counted, and every one comes out once', async () => {
    const most = 500;
    const lists = 2_000;
    const world = worldOf({ join: { maxOpenImpressions: most } });
    // All within one window: nothing closes by time, nothing is forgotten by time.
    await feed(world, Array.from({ length: lists }, (_, n) => [listAt(n, T0 + n), clickAt(n, T0 + n)]).flat());
    const { partition } = await live(world, { untilEnd: false, stopAfterUnits: 1_000 });
    expect(partition!.state.join.open.openCount).toBeLessThanOrEqual(most);
    expect(remembered(partition!)).toBeLessThanOrEqual(2 * most);
    expect(partition!.state.join.capture().lists.length).toBeLessThanOrEqual((2 * most) / 10);
    expect(partition!.state.join.open.rows.pageCount).toBeLessThanOrEqual(2);
    await live(world, { untilEnd: true });
    const counts = await countsOf(world);
    expect(counts).toMatchObject({ impressionsRead: lists * 10, samplesSeen: lists * 10 });
    expect(counts.closedEarly).toBeGreaterThan(lists * 10 - 2 * most);
    const { training, audit } = await outputsOf(world);
    expect(training!.length + audit!.length).toBe(counts.samplesKept + counts.samplesAudit);
  });

  it('counts impressions by what they hold, so that messages of any size fit', async () => {
    const most = 2_000;
    const world = worldOf({ join: { maxOpenImpressions: most } });
    const long = 'é'.repeat(900);
    const attributes = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`name${i}`, long]));
    await feed(
      world,
      Array.from({ length: 60 }, (_, n) => listAt(n, T0 + n, { context: attributes }, { attributes })),
    );
    await feed(
      world,
      Array.from({ length: 60 }, (_, n) => clickAt(n, T0 + n + 1_000_000)),
    );
    const { partition } = await live(world, { untilEnd: false, stopAfterUnits: 1_000 });
    const { lists } = partition!.state.join.capture();
    // Sixteen attributes of 1.8 kB an item: 60 impressions' worth each.
    expect(lists.length).toBeLessThan(8);
    expect(lists.reduce((sum, { weight }) => sum + weight, 0)).toBeLessThanOrEqual(2 * most);
    expect(JSON.stringify(lists).length).toBeLessThan(2 * most * 512);
    await live(world, { untilEnd: true });
    expect(await countsOf(world)).toMatchObject({ samplesSeen: 600 });
  });

  it('ends the reading under stop, by name, and loses nothing: a larger cap goes on from there', async () => {
    const capped = worldOf({ join: { maxOpenImpressions: 500, overflow: 'stop' } });
    const roomy = worldOf({});
    for (const world of [capped, roomy])
      await feed(
        world,
        Array.from({ length: 100 }, (_, n) => [listAt(n, T0 + n * 100), clickAt(n, T0 + n * 100 + 5)]).flat(),
      );
    await expect(live(capped, { untilEnd: true })).rejects.toMatchObject({ code: 'open-impressions-full' });
    expect((await countsOf(capped)).samplesSeen).toBe(0);
    const raised: World = {
      ...capped,
      config: configOf({ ...capped.config, join: { ...capped.config.join, maxOpenImpressions: 10_000 } }),
    };
    await live(raised, { untilEnd: true });
    await live(roomy, { untilEnd: true });
    expect(await outputsOf(raised)).toEqual(await outputsOf(roomy));
  });
});

describe('the input that is ahead', () => {
  it('is read no further than join.maxReorderBytes, and on as the other one comes', async () => {
    const maxReorderBytes = 60_000;
    // One interaction far ahead of those before it is taken at its word: no other one comes to speak for it.
    const world = worldOf({ join: { maxReorderBytes }, clean: { maxFutureMs: 3_600_000 } });
    await feed(
      world,
      Array.from({ length: 600 }, (_, n) => listAt(n, T0 + n * 5_000)),
    );
    await feed(
      world,
      Array.from({ length: ENOUGH_FOR }, (_, n) => clickAt(n, T0 + n)),
    );
    let before = 0;
    for (let n = 150; n < 500; n += 100) {
      const { partition } = await live(world, { untilEnd: false, stopAfterUnits: 200 });
      expect(partition!.reorder.waitingBytes).toBeLessThanOrEqual(maxReorderBytes + 2 * 20_000);
      const { impressions } = partition!.reorder.offsets;
      expect(impressions).toBeLessThan(600);
      expect(impressions).toBeGreaterThan(before);
      before = impressions;
      await feed(world, [clickAt(n, T0 + n * 5_000)]);
    }
  });
});

describe('a slow sink', () => {
  it('slows the reading: no more than a chunk is read ahead of what is committed', async () => {
    const world = worldOf({ join: { attributionWindowMs: 1_000, lateRetentionMs: 0 } });
    await feed(
      world,
      Array.from({ length: 1_000 }, (_, n) => [listAt(n, T0 + n * 500), clickAt(n, T0 + n * 500)]).flat(),
    );
    const listBytes = listAt(1, T0).value!.length;
    let polled = 0;
    let committed = 0;
    let furthest = 0;
    await live(world, {
      untilEnd: true,
      onPolled: (input, records) => {
        if (input === 'impressions') polled += records;
        furthest = Math.max(furthest, polled - committed);
      },
      beforeCommit: async ({ offsets }) => {
        for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
        committed = offsets.impressions;
      },
    });
    expect(committed).toBe(1_000);
    expect(furthest).toBeLessThanOrEqual(Math.ceil((2 * 20_000) / listBytes) + 2);
  });
});

describe('a topic that brings nothing but refused messages', () => {
  const broken = (topic: 'impressions' | 'interactions', n: number): NewRecord => ({
    topic,
    key: null,
    value: utf8.encode(`{"a broken producer": ${n}`),
    partition: 0,
  });

  it.each(['impressions', 'interactions'] as const)(
    'fills no memory from the first message on, and its dead letters go out at once: %s',
    async (topic) => {
      const world = worldOf({ join: { maxReorderBytes: 1_000 } });
      await feed(
        world,
        Array.from({ length: 1_000 }, (_, n) => broken(topic, n)),
      );
      const { partition } = await live(world, { untilEnd: false, stopAfterUnits: 300 });
      expect(partition!.reorder.waitingCount).toBe(0);
      expect((await outputsOf(world))['dead-letters']!.length).toBe(1_000);
    },
  );

  it.each(['impressions', 'interactions'] as const)(
    'does not stop the other one, once it would be idle: %s',
    async (topic) => {
      const world = worldOf({ join: { idleTimeoutMs: 30_000 } });
      await feed(world, [listAt(0, T0), clickAt(0, T0 + 10)]);
      let n = 0;
      let looks = 0;
      await live(world, {
        untilEnd: false,
        isOver: () => looks > 400,
        beforePoll: async () => {
          // Every ten seconds one broken message, and one of the other topic while there are some.
          world.clock.jump(10_000);
          looks++;
          const at = T0 + ++n * 10_000;
          await feed(world, [broken(topic, n), topic === 'interactions' ? listAt(n, at) : clickAt(n, at)]);
        },
      });
      const counts = await countsOf(world);
      expect(counts.impressionsDeadLettered + counts.interactionsDeadLettered).toBeGreaterThan(350);
      // 400 looks are 67 minutes, a window is 30.
      expect(counts.samplesSeen).toBeGreaterThanOrEqual(topic === 'interactions' ? 1_500 : 10);
    },
  );
});

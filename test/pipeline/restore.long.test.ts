import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock, MemoryLog } from '../../src/adapters/memory/index.js';
import type { ConfigInput } from '../../src/config/schema.js';
import { decodeProgress } from '../../src/pipeline/progress/progress.js';
import type { Partition } from '../../src/pipeline/partition.js';
import { feed, live, outputsOf, progressOf, readAll, stateOf, type Life, type World } from './instance.js';
import { configOf, T0 } from './kit.js';
import { trafficOf } from './traffic.js';

const WINDOW_MS = 10_000;
const LATENESS_MS = 1_000;
const NEVER_MS = 1_000_000_000;

interface Bounds {
  readonly maxOpenImpressions: number;
  readonly maxPendingInteractions: number;
  readonly maxCounterEntries: number;
  readonly maxReorderBytes: number;
  /** What the rules on conduct do; they are strict enough to catch a good part of this traffic. */
  readonly action: 'flag' | 'divert';
  /** Windows of single surfaces. */
  readonly surfaceWindowsMs?: { readonly [surface in 'SEARCH' | 'AD' | 'RECOMMENDATION']?: number };
}

const ROOMY: Bounds = {
  action: 'divert',
  maxOpenImpressions: 100_000,
  maxPendingInteractions: 10_000,
  maxCounterEntries: 100_000,
  maxReorderBytes: 10_000_000,
};

function worldOf(
  bounds: Bounds,
  rest: { idleTimeoutMs?: number; checkpointEveryBytes?: number; checkpointEveryMs?: number } = {},
): World {
  const { maxCounterEntries, action, ...join } = bounds;
  const input: ConfigInput = {
    topics: { partitions: 1 },
    batch: { lingerMs: 0, commitEveryMs: 0 },
    // Little enough for events far ahead to be held.
    clean: { maxFutureMs: 2 * LATENESS_MS },
    join: {
      attributionWindowMs: WINDOW_MS,
      allowedLatenessMs: LATENESS_MS,
      lateRetentionMs: 5_000,
      deduplicationWindowMs: 15_000,
      idleTimeoutMs: rest.idleTimeoutMs ?? NEVER_MS,
      ...join,
    },
    features: {
      shortHalfLifeMs: 20_000,
      longHalfLifeMs: 120_000,
      maxCounterEntries,
      maxSessions: 4,
      maxInterestVectors: 8,
    },
    quality: {
      rules: {
        sessionRate: { action, maxPerWindow: 2, windowMs: 6_000 },
        impossibleDwell: { action, minMs: 20 },
        clickEverything: { action, minShown: 4, maxShare: 0.2 },
      },
      contradicted: { maxLabelProbability: 0.45, minContradictions: 1, halfLifeMs: 20_000, atMost: 0.3 },
    },
    selection: { scorer: 'uniform', budget: 0.5, auditFraction: 0.2 },
    state: {
      checkpointEveryMs: rest.checkpointEveryMs ?? NEVER_MS,
      checkpointEveryBytes: rest.checkpointEveryBytes ?? NEVER_MS,
    },
  };
  return { log: new MemoryLog(), clock: new ManualClock({ nowMs: T0 + 200_000 }), config: configOf(input) };
}

const action = fc.constantFrom('flag' as const, 'divert' as const);
const surfaceWindowsMs = fc.constantFrom({}, {}, { AD: 3_000, RECOMMENDATION: 30_000 }, { SEARCH: 2_000 });
const bounds: fc.Arbitrary<Bounds> = fc.oneof(
  fc.record({ action, surfaceWindowsMs }).map((of) => ({ ...ROOMY, ...of })),
  fc.record({
    action,
    surfaceWindowsMs,
    maxOpenImpressions: fc.integer({ min: 6, max: 60 }),
    maxPendingInteractions: fc.integer({ min: 1, max: 5 }),
    maxCounterEntries: fc.integer({ min: 8, max: 40 }),
    maxReorderBytes: fc.integer({ min: 8_000, max: 20_000 }),
  }),
);
const seed = fc.integer({ min: 1, max: 1_000_000 });
/** A tenth of every other stream is of a clock far ahead. */
const traffic = (of: number, lists: number, fromMs = T0, prefix = '') =>
  trafficOf({
    seed: of,
    lists,
    fromMs,
    prefix,
    windowMs: WINDOW_MS,
    latenessMs: LATENESS_MS,
    wildShare: of % 2 === 0 ? 0.1 : 0,
  });

/** Lives that end early, each in its way. */
const brokenLife: fc.Arbitrary<Omit<Life, 'untilEnd'>> = fc.oneof(
  fc.record({ noise: seed, stopAfterCommits: fc.integer({ min: 1, max: 25 }), retires: fc.constant(true) }),
  fc.record({
    noise: seed,
    stopAfterUnits: fc.integer({ min: 1, max: 25 }),
    retires: fc.constant(true),
    failAtCommit: fc.integer({ min: 1, max: 12 }),
  }),
  fc.record({ noise: seed, stopAfterCommits: fc.integer({ min: 1, max: 25 }) }),
  fc.record({ noise: seed, failAtCommit: fc.integer({ min: 1, max: 25 }) }),
  fc.record({ noise: seed, loseAnswerAtCommit: fc.integer({ min: 1, max: 25 }) }),
);

async function liveToTheEnd(world: World, lives: readonly Omit<Life, 'untilEnd'>[]): Promise<void> {
  for (const life of lives) await live(world, { ...life, untilEnd: true });
  const { isDone } = await live(world, { untilEnd: true });
  expect(isDone).toBe(true);
}

const countsOf = async (world: World) => decodeProgress(await progressOf(world)).counts;

describe('windows of single surfaces', () => {
  it('as long as that of all give what that of all gives, to the byte', async () => {
    const same = { SEARCH: WINDOW_MS, RECOMMENDATION: WINDOW_MS };
    await fc.assert(
      fc.asyncProperty(seed, action, async (of, action) => {
        const one = worldOf({ ...ROOMY, action });
        const three = worldOf({ ...ROOMY, action, surfaceWindowsMs: same });
        for (const world of [one, three]) {
          await feed(world, traffic(of, 60).records);
          await live(world, { untilEnd: true });
        }
        expect(await outputsOf(three)).toEqual(await outputsOf(one));
        expect(await countsOf(three)).toEqual(await countsOf(one));
      }),
      { numRuns: 20 },
    );
  });
});

describe('a partition that is stopped, killed and started again', () => {
  it.each([
    ['from the input alone', NEVER_MS],
    ['from checkpoints', 3_000],
  ])('puts out the same bytes and counts as one that never stopped, %s', async (_name, checkpointEveryBytes) => {
    await fc.assert(
      fc.asyncProperty(
        seed,
        fc.integer({ min: 5, max: 80 }),
        bounds,
        fc.array(brokenLife, { minLength: 1, maxLength: 5 }),
        async (of, lists, bound, lives) => {
          const unbroken = worldOf(bound);
          const broken = worldOf(bound, { checkpointEveryBytes });
          const { records } = traffic(of, lists);
          for (const world of [unbroken, broken]) await feed(world, records);
          await liveToTheEnd(unbroken, []);
          await liveToTheEnd(broken, lives);
          expect(await outputsOf(broken)).toEqual(await outputsOf(unbroken));
          expect(await countsOf(broken)).toEqual(await countsOf(unbroken));
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each(['flag', 'divert'] as const)(
    'has something to lose: rules that %s and contradicted labels are part of it',
    async (action) => {
      const world = worldOf({ ...ROOMY, action });
      await feed(world, traffic(7, 80).records);
      await liveToTheEnd(world, []);
      const counts = await countsOf(world);
      for (const name of [
        'caughtBySessionRate',
        'caughtByImpossibleDwell',
        'caughtByClickEverything',
        'flaggedSessionRate',
        'flaggedClickEverything',
        'flaggedContradicted',
      ] as const)
        expect([name, counts[name]]).toEqual([name, expect.toSatisfy((count: number) => count > 3)]);
      expect(counts.interactionsDiverted > 0).toBe(action === 'divert');
      const { training, 'dead-letters': deadLetters } = await outputsOf(world);
      expect(training!.filter((line) => line.includes('"inclusionProbability":0.3,')).length).toBeGreaterThan(3);
      expect(deadLetters!.filter((line) => line.includes('"sluice.stage":"quality"')).length).toBe(
        counts.interactionsDiverted,
      );
    },
  );

  it('goes on alike with events that come after a declared end, whenever it is stopped', async () => {
    await fc.assert(
      fc.asyncProperty(
        seed,
        fc.integer({ min: 5, max: 40 }),
        fc.integer({ min: 40_000, max: 90_000 }),
        fc.array(brokenLife, { maxLength: 3 }),
        fc.array(brokenLife, { minLength: 1, maxLength: 3 }),
        async (of, lists, laterMs, first, second) => {
          const unbroken = worldOf(ROOMY);
          const broken = worldOf(ROOMY, { checkpointEveryBytes: 5_000 });
          const early = traffic(of, lists);
          const later = traffic(of + 1, lists, T0 + lists * 700 + laterMs, 'b');
          for (const world of [unbroken, broken]) await feed(world, early.records);
          await liveToTheEnd(unbroken, []);
          await liveToTheEnd(broken, first);
          for (const world of [unbroken, broken]) await feed(world, later.records);
          await liveToTheEnd(unbroken, []);
          await liveToTheEnd(broken, second);
          expect(await outputsOf(broken)).toEqual(await outputsOf(unbroken));
          expect(await countsOf(broken)).toEqual(await countsOf(unbroken));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('takes events that come after a declared end, and are older than its newest, alike in any batches', async () => {
    const early = traffic(1, 5);
    const later = traffic(2, 5, T0 + 3_500, 'b');
    const outcomes = [];
    for (const noise of [undefined, ...Array.from({ length: 60 }, (_, seed) => 4_500 + seed)]) {
      const world = worldOf(ROOMY);
      for (const { records } of [early, later]) {
        await feed(world, records);
        await live(world, { untilEnd: true, ...(noise === undefined ? {} : { noise }) });
      }
      outcomes.push(await countsOf(world));
    }
    for (const counts of outcomes) expect(counts.impressionsDeadLettered).toBe(outcomes[0]!.impressionsDeadLettered);
  });

  it.each([
    ['from the input alone', NEVER_MS],
    ['from checkpoints', 1_000],
  ])(
    'is restored to exactly the state of its last commit, however the wall clock moved the watermark, %s',
    async (_name, checkpointEveryMs) => {
      const lives = fc.array(
        fc.record({
          noise: seed,
          passMs: fc.constantFrom(0, 200, 3_000),
          stopAfterUnits: fc.integer({ min: 2, max: 150 }),
          retires: fc.boolean(),
        }),
        { minLength: 2, maxLength: 6 },
      );
      await fc.assert(
        fc.asyncProperty(seed, bounds, lives, async (of, bound, lives) => {
          const world = worldOf(bound, { idleTimeoutMs: 2_000, checkpointEveryMs });
          const parts = lives.map((_, i) => traffic(of + i, 12, T0 + i * 9_000, `p${i}.`).records);
          let before: unknown;
          for (const [i, life] of lives.entries()) {
            await feed(world, parts[i]!);
            const { partition } = await live(world, {
              ...life,
              untilEnd: false,
              onRestored: (restored) => {
                if (before !== undefined) expect(stateOf(restored)).toEqual(before);
              },
            });
            before = stateOf(partition!);
          }
        }),
        { numRuns: 80 },
      );
    },
  );

  it('is restored to the watermark it had, when the wall clock moved it on after a checkpoint with nothing waiting', async () => {
    const world = worldOf(ROOMY, { idleTimeoutMs: 2_000, checkpointEveryMs: 4_000 });
    const utf8 = new TextEncoder();
    const list = {
      requestId: 'r',
      eventTimeMs: T0,
      surface: 'AD',
      sessionId: 's',
      items: [{ itemId: 'a', position: 1 }],
    };
    const click = { interactionId: 'i', eventTimeMs: T0 + 10, type: 'CLICK', sessionId: 's', itemId: 'a' };
    await feed(world, [
      { topic: 'impressions', key: null, value: utf8.encode(JSON.stringify(list)), partition: 0 },
      { topic: 'interactions', key: null, value: utf8.encode(JSON.stringify(click)), partition: 0 },
    ]);
    let alive: Partition | undefined;
    const isOver = () => {
      const { checkpointId, emittedBefore } = alive!.currentProgress();
      return checkpointId === 1 && emittedBefore[0] === 1;
    };
    const { partition } = await live(world, {
      untilEnd: false,
      noise: 3,
      passMs: 120,
      packsAtOnce: true,
      onRestored: (restored) => (alive = restored),
      isOver,
    });
    const progress = decodeProgress(await progressOf(world));
    expect(progress).toMatchObject({ checkpointId: 1, emittedBefore: [1] });
    const before = stateOf(partition!);
    await live(world, {
      untilEnd: false,
      stopAfterUnits: 1,
      onRestored: (restored) => expect(stateOf(restored)).toEqual(before),
    });
  });

  it('emits every impression once and accounts for it, however often it is killed and however the clock runs', async () => {
    await fc.assert(
      fc.asyncProperty(
        seed,
        fc.array(brokenLife, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(0, 500, 4_000),
        async (of, lives, passMs) => {
          const world = worldOf(ROOMY, { idleTimeoutMs: 2_000, checkpointEveryMs: 1_000 });
          const { records, impressionCount } = traffic(of, 40);
          await feed(world, records);
          for (const life of lives) await live(world, { ...life, passMs, untilEnd: false, stopAfterUnits: 200 });
          await liveToTheEnd(world, []);
          const counts = await countsOf(world);
          const { training, audit } = await outputsOf(world);
          const ids = [...training!, ...audit!].map((line) => /"sampleId":"([^"]*)"/.exec(line)![1]);
          expect(new Set(ids).size).toBe(ids.length);
          expect(ids.length).toBe(counts.samplesKept + counts.samplesAudit);
          expect(counts.samplesSeen).toBe(counts.samplesKept + counts.samplesAudit + counts.samplesDropped);
          expect(counts.samplesSeen).toBe(
            counts.impressionsRead - counts.impressionsDuplicate - counts.impressionsDeadLettered,
          );
          expect(counts.interactionsRead).toBe(
            counts.interactionsJoined +
              counts.interactionsUnmatched +
              counts.interactionsLate +
              counts.interactionsDuplicate +
              counts.interactionsDeadLettered,
          );
          expect(counts.impressionsRead).toBeGreaterThanOrEqual(impressionCount);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a partition whose one input is silent', () => {
  const utf8 = new TextEncoder();
  const listAt = (eventTimeMs: number) => {
    const list = {
      requestId: `r${eventTimeMs}`,
      eventTimeMs,
      surface: 'AD',
      sessionId: 's',
      items: [{ itemId: 'a', position: 1 }],
    };
    return { topic: 'impressions', key: null, value: utf8.encode(JSON.stringify(list)), partition: 0 } as const;
  };

  it('reads on and closes every window by the end of the input', async () => {
    const world = worldOf(ROOMY);
    await feed(
      world,
      Array.from({ length: 40 }, (_, i) => listAt(T0 + i * 500)),
    );
    const { isDone } = await live(world, { untilEnd: true, noise: 1, stopAfterUnits: 500 });
    expect(isDone).toBe(true);
    expect((await countsOf(world)).samplesSeen).toBe(40);
  });

  // Known: the input that is ahead is held while more than the bound waits, even when the other input has nothing more to give.
  it('reads on when more than join.maxReorderBytes lies within the allowed lateness', async () => {
    const world = worldOf({ ...ROOMY, maxReorderBytes: 300 });
    await feed(
      world,
      Array.from({ length: 40 }, (_, i) => listAt(T0 + i * 50)),
    );
    const { isDone } = await live(world, { untilEnd: true, noise: 1, stopAfterUnits: 500 });
    expect(isDone).toBe(true);
  });

  // An interaction that waits for its impression keeps the wall clock moving the watermark.
  it('records no more forced advances than one window takes, however long it stays silent', async () => {
    const world = worldOf(ROOMY, { idleTimeoutMs: 2_000 });
    const click = {
      interactionId: 'i',
      eventTimeMs: T0,
      type: 'CLICK',
      sessionId: 's',
      itemId: 'a',
      requestId: 'never seen',
    };
    await feed(world, [
      listAt(T0),
      { topic: 'interactions', key: null, value: utf8.encode(JSON.stringify(click)), partition: 0 },
    ]);
    await live(world, { untilEnd: false, noise: 1, passMs: 2_000, stopAfterUnits: 400 });
    expect(decodeProgress(await progressOf(world)).forced.length).toBeLessThanOrEqual(66);
  });
});

describe('a partition whose last process drained', () => {
  const streamOf = (lists: number) => traffic(11, lists).records;
  /** Messages that a life reads before it goes on from the last commit. */
  const rereadBy = async (world: World, life: Partial<Life> = {}): Promise<number> => {
    let [read, isRestored] = [0, false];
    await live(world, {
      untilEnd: false,
      stopAfterUnits: 1,
      onPolled: (_input, count) => {
        if (!isRestored) read += count;
      },
      onRestored: () => (isRestored = true),
      ...life,
    });
    return read;
  };
  const drained = async (checkpointEveryBytes: number, restOf: Partial<Life> = {}): Promise<World> => {
    const world = worldOf(ROOMY, { checkpointEveryBytes });
    await feed(world, streamOf(120));
    await live(world, { untilEnd: false, stopAfterUnits: 60, packsAtOnce: true, retires: true, ...restOf });
    return world;
  };

  it.each([NEVER_MS, 5_000])('reads again only what waits for its turn, checkpoints every %d bytes', async (every) => {
    const world = await drained(every);
    const { whole } = decodeProgress(await progressOf(world));
    expect(whole).toMatchObject({ wholeId: 1 });
    const cold = await drained(every, { retires: false });
    expect(decodeProgress(await progressOf(cold)).whole).toBeUndefined();
    expect(await rereadBy(world)).toBeLessThan((await rereadBy(cold)) / 3);
  });

  it('goes the long way where the features are others by now, and to the same end', async () => {
    const shorter = (world: World): World => ({
      ...world,
      config: configOf({ ...world.config, features: { ...world.config.features, shortHalfLifeMs: 5_000 } } as never),
    });
    const [quick, slow] = [await drained(NEVER_MS), await drained(NEVER_MS, { retires: false })];
    for (const world of [quick, slow]) await liveToTheEnd(shorter(world), []);
    expect(await outputsOf(quick)).toEqual(await outputsOf(slow));
  });

  it('goes the long way, and says so, where the checkpoint of the drain is damaged', async () => {
    const [damaged, slow] = [await drained(5_000), await drained(5_000, { retires: false })];
    const [chunk] = (await readAll(damaged, ['checkpoints'])).filter(
      ({ headers }) => headers['sluice.checkpointId'] === 'w1',
    );
    const { key, headers } = chunk!;
    await feed(damaged, [{ topic: 'checkpoints', partition: 0, key, headers, value: new Uint8Array(10) }]);
    for (const world of [damaged, slow]) await liveToTheEnd(world, []);
    expect(await outputsOf(damaged)).toEqual(await outputsOf(slow));
  });

  it('writes nothing again when nothing has come since', async () => {
    const world = worldOf(ROOMY);
    await feed(world, streamOf(60));
    const calm = { untilEnd: false, stopAfterUnits: 40, retires: true };
    await live(world, calm);
    const chunks = async (): Promise<number> => (await readAll(world, ['checkpoints'])).length;
    const before = await chunks();
    await live(world, { ...calm, stopAfterUnits: 1 });
    expect(await chunks()).toBe(before);
  });

  it.each([
    { output: { embeddings: true } },
    { output: { carry: ['items.title'] } },
    { features: { history: { user: { shown: 3 } } } },
  ])('left no checkpoint where samples carry more than facts: %o', async (more) => {
    const world = worldOf(ROOMY);
    const carrying = { ...world, config: configOf({ ...world.config, ...more } as never) };
    await feed(carrying, streamOf(60));
    await live(carrying, { untilEnd: false, stopAfterUnits: 40, retires: true });
    expect(decodeProgress(await progressOf(carrying)).whole).toBeUndefined();
  });
});

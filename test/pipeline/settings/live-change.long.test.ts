import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock, MemoryLog } from '../../../src/adapters/memory/index.js';
import type { Config } from '../../../src/config/schema.js';
import type { TrainingSample } from '../../../src/events/words.js';
import { decodeProgress } from '../../../src/pipeline/progress/progress.js';
import { namedSelection } from '../../../src/pipeline/settings/selection.js';
import { shownConfig } from '../../../src/config/shown.js';
import { readSelections, readShelf, sameConfig } from '../../../src/pipeline/settings/shelf.js';
import { MemoryTransport } from '../../../src/adapters/memory/index.js';
import { feed, live, outputsOf, progressOf, readAll, type Life, type World } from '../instance.js';
import { configOf, T0 } from '../kit.js';
import { trafficOf } from '../traffic.js';

const WINDOW_MS = 10_000;
const LATENESS_MS = 1_000;

const SELECTIONS: readonly Partial<Config['selection']>[] = [
  { budget: 0.6 },
  { budget: 0.05, defensiveShare: 0.5 },
  { budgets: { SEARCH: 0.9, AD: 0.1 } },
  { throttle: 0.3 },
  { keep: [{ label: 1, atLeast: 0.9 }] },
  { perSecond: 2 },
  { controllerRate: 0.05, value: { outcomes: { PURCHASE: 5 }, categories: {}, surfaces: {} } },
];

const configWith = (selection: Partial<Config['selection']>) =>
  configOf({
    topics: { partitions: 1 },
    batch: { lingerMs: 0, commitEveryMs: 0, maxBytes: 1_500 },
    join: { attributionWindowMs: WINDOW_MS, allowedLatenessMs: LATENESS_MS, idleTimeoutMs: 1_000_000_000 },
    features: { maxSessions: 40 },
    selection: { scorer: 'surprise', budget: 0.3, auditFraction: 0.2, ...selection },
    state: { checkpointEveryMs: 1_000_000_000, checkpointEveryBytes: 8_000 },
  });

async function worldOf(seed: number): Promise<World> {
  const world = { log: new MemoryLog(), clock: new ManualClock({ nowMs: T0 + 200_000 }), config: configWith({}) };
  const { records } = trafficOf({ seed, lists: 60, windowMs: WINDOW_MS, latenessMs: LATENESS_MS });
  await feed(world, records);
  return world;
}

/** Settings that change before the unit of work after this many. */
function changingAfter(units: number, before: Config, after: Config): Pick<Life, 'now' | 'isOver'> {
  let done = 0;
  return {
    now: () => (done < units ? before : after),
    isOver: () => (done++, false),
  };
}

const story = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  units: fc.integer({ min: 0, max: 25 }),
  to: fc.constantFrom(...SELECTIONS),
  kills: fc.array(
    fc.oneof(
      fc.record({ failAtCommit: fc.integer({ min: 1, max: 6 }) }),
      fc.record({ loseAnswerAtCommit: fc.integer({ min: 1, max: 6 }) }),
    ),
    { maxLength: 3 },
  ),
});

describe('settings of selection that change between two units of work', () => {
  it('give to the bit what a restart at that commit gives, killed or not', async () => {
    let moved = 0;
    await fc.assert(
      fc.asyncProperty(story, async ({ seed, units, to, kills }) => {
        const world = await worldOf(seed);
        const other = configWith(to);
        const restarted = { ...world, log: world.log.copy() };
        if (units > 0) await live(restarted, { untilEnd: true, stopAfterUnits: units });
        await live({ ...restarted, config: other }, { untilEnd: true });

        const changed = { ...world, log: world.log.copy() };
        expect((await live(changed, { untilEnd: true, ...changingAfter(units, world.config, other) })).isDone).toBe(
          true,
        );
        expect(await outputsOf(changed)).toEqual(await outputsOf(restarted));
        const selectionOf = async (one: World) => {
          const { lnMu, selection, counts } = decodeProgress(await progressOf(one));
          return { lnMu, selection, counts };
        };
        expect(await selectionOf(changed)).toEqual(await selectionOf(restarted));

        const killed = { ...world, log: world.log.copy() };
        if (units > 0) await live(killed, { untilEnd: true, stopAfterUnits: units });
        for (const kill of kills)
          await live(killed, { untilEnd: true, ...kill, ...changingAfter(0, world.config, other) });
        await live({ ...killed, config: other }, { untilEnd: true });
        expect(await outputsOf(killed)).toEqual(await outputsOf(restarted));

        const plain = { ...world, log: world.log.copy() };
        await live(plain, { untilEnd: true });
        if (JSON.stringify(await outputsOf(plain)) !== JSON.stringify(await outputsOf(changed))) moved++;
      }),
      { numRuns: 40 },
    );
    expect(moved).toBeGreaterThan(10);
  });

  it('have an id on the samples from that unit on, and both ids are written down', async () => {
    const world = await worldOf(4);
    const other = configWith({ budget: 0.6 });
    await live(world, { untilEnd: true, ...changingAfter(22, world.config, other) });
    const samples = await readAll(world, ['training']);
    const ids = samples.map(({ value }) => (JSON.parse(Buffer.from(value!).toString()) as TrainingSample).selectionId);
    const [before, after] = [world.config, other].map((config) => namedSelection(config).id) as [string, string];
    expect(ids.indexOf(after)).toBeGreaterThan(0);
    expect(ids).toEqual(ids.map((_, i) => (i < ids.indexOf(after) ? before : after)));
    const transport = new MemoryTransport({ application: 'reader', topics: world.config.topics, ...world });
    await transport.prepare();
    const recorded = await readSelections(transport, world.config.application);
    expect([...recorded.keys()].sort()).toEqual([before, after].sort());
    expect(recorded.get(after)!.settings.selection.budget).toBe(0.6);
  });

  it('are written down with the next transaction, so that a plan after them finds nothing changed', async () => {
    const world = await worldOf(4);
    const other = configWith({ budget: 0.6 });
    await live(world, { untilEnd: true, ...changingAfter(3, world.config, other) });
    const transport = new MemoryTransport({ application: 'reader', topics: world.config.topics, ...world });
    await transport.prepare();
    const shelf = await readShelf(transport, { application: world.config.application, partition: 0 }, []);
    expect(sameConfig(shelf.config, shownConfig(other))).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { jsonSamples } from '../../src/adapters/avro/json-codecs.js';
import { ManualClock, MemoryLog, MemoryTransport } from '../../src/adapters/memory/index.js';
import { planStart, type Plan } from '../../src/app/plan.js';
import { resetApplication } from '../../src/app/reset.js';
import type { ConfigInput } from '../../src/config/schema.js';
import { COLUMNS } from '../../src/pipeline/features/columns.js';
import { admissionOf, feed, live, outputsOf, progressOf, type World } from '../pipeline/instance.js';
import { configOf, T0 } from '../pipeline/kit.js';
import { resetDeps } from './fixture.js';
import { trafficOf } from '../pipeline/traffic.js';

const BASE: ConfigInput = {
  topics: { partitions: 1 },
  batch: { lingerMs: 0, commitEveryMs: 0 },
  join: { attributionWindowMs: 10_000, allowedLatenessMs: 1_000, idleTimeoutMs: 1_000_000_000 },
  features: { omit: [] },
  selection: { scorer: 'uniform', budget: 1, auditFraction: 0.2 },
  state: { checkpointEveryMs: 1_000_000_000, checkpointEveryBytes: 3_000 },
};

function worldOf(log = new MemoryLog(), rest: ConfigInput = {}): World {
  const config = configOf({ ...BASE, ...rest, join: { ...BASE.join, ...rest.join } });
  return { log, clock: new ManualClock({ nowMs: T0 + 200_000 }), config };
}

const transportOf = ({ log, clock, config }: World): MemoryTransport =>
  new MemoryTransport({ application: config.application, topics: config.topics, clock, log });

function planOf(
  world: World,
  featureSet = { featureSetId: 'fs-test', columnCount: COLUMNS.length },
  codec = jsonSamples(),
): Promise<Plan> {
  return planStart({
    config: world.config,
    transport: transportOf(world),
    codec,
    settings: () => Promise.resolve(admissionOf(world.config)),
    featureSet,
  });
}

/** An application that has lived a while, under the base config. */
async function lived(): Promise<World> {
  const world = worldOf();
  await feed(world, trafficOf({ seed: 5, lists: 60, windowMs: 10_000, latenessMs: 1_000 }).records);
  await live(world, { untilEnd: false, noise: 5, stopAfterCommits: 25, stopAfterUnits: 400 });
  return world;
}

describe('the plan of a start', () => {
  it('before anything has run says so, names the topics that are missing, and makes none', async () => {
    const world = worldOf();
    const plan = await planOf(world);
    expect(plan).toMatchObject({ verdict: 'new', changes: [], partitions: [], champion: null });
    expect(plan.missingTopics).toContain('sluice.training');
    expect(await planOf(world)).toEqual(plan);
    const closed = worldOf(world.log, { topics: { create: false } });
    expect(await planOf(closed)).toMatchObject({
      verdict: 'refused',
      refusals: [
        { code: 'topic-missing' },
        ...Array<object>(plan.missingTopics.length - 1).fill({ code: 'topic-missing' }),
      ],
    });
  });

  it('under the same config is that nothing has changed, and says how much is read again', async () => {
    const world = await lived();
    const plan = await planOf(world);
    expect(plan).toMatchObject({ verdict: 'unchanged', refusals: [], changes: [], missingTopics: [] });
    expect(plan.partitions[0]!.rereads.impressions).toBeGreaterThan(0);
    expect(plan.reservoir.rows).toBeGreaterThan(0);
    expect(plan.reservoir.lost).toBe(0);
  });

  it.each<[string, ConfigInput, string, string, string]>([
    ['a free one', { selection: { ...BASE.selection, budget: 0.5 } }, 'selection.budget', 'free', '0.5'],
    ['a switched one', { join: { attributionWindowMs: 60_000 } }, 'join.attributionWindowMs', 'switched', '60000'],
    ['a rebuilt one', { label: { goal: 'PURCHASE' } }, 'label.goal', 'rebuilt', '"PURCHASE"'],
  ])('names a changed option with both values and its class: %s', async (_name, rest, path, kind, after) => {
    const world = await lived();
    const before = [await progressOf(world), await outputsOf(world)];
    const plan = await planOf(worldOf(world.log, rest));
    expect(plan.verdict).toBe('goes-on');
    expect(plan.changes).toEqual([{ path, class: kind, before: expect.any(String) as string, after }]);
    expect([await progressOf(world), await outputsOf(world)]).toEqual(before);
    await live(worldOf(world.log, rest), { untilEnd: true });
    expect((await planOf(worldOf(world.log, rest))).verdict).toBe('unchanged');
  });

  it('refuses what the start refuses, with option, both values and the way out', async () => {
    const world = await lived();
    const other = worldOf(world.log, { features: { omit: [], maxSessions: 7 } });
    const plan = await planOf(other);
    expect(plan.verdict).toBe('refused');
    expect(plan.refusals).toHaveLength(1);
    expect(plan.refusals[0]!.code).toBe('settings-changed');
    const reason = await live(other, { untilEnd: true }).then(
      () => 'it started',
      (thrown: unknown) => (thrown as Error).message,
    );
    expect(plan.refusals[0]!.reason).toBe(reason);
    expect(reason).toContain('features.maxSessions was');
    expect(reason).toContain('sluice reset');
  });

  it('counts the rows of the reservoir that another feature set loses', async () => {
    const world = await lived();
    const { reservoir } = await planOf(world);
    const plan = await planOf(world, { featureSetId: 'fs-other', columnCount: COLUMNS.length });
    expect(plan.reservoir).toEqual({ rows: 0, lost: reservoir.rows });
  });

  it('looks at no more rows than a few times the reservoir, however long the topic is', async () => {
    const world = await lived();
    const all = (await planOf(world)).reservoir.rows;
    const small = worldOf(world.log, { retrain: { reservoirSize: 10 } });
    let decoded = 0;
    const codec = jsonSamples();
    const plan = await planOf(small, undefined, {
      ...codec,
      decode: (value) => (decoded++, codec.decode(value)),
    });
    expect(all).toBeGreaterThan(40);
    expect(plan.reservoir).toEqual({ rows: 10, lost: 0 });
    expect(decoded).toBe(20);
  });

  it('after a reset knows of nothing that has run under other settings', async () => {
    const world = await lived();
    await resetApplication(world.config, transportOf(world), 'end', resetDeps());
    const plan = await planOf(worldOf(world.log, { features: { omit: [], maxSessions: 7 } }));
    expect(plan.refusals).toEqual([]);
  });

  it('a reset that is interrupted before it has begun leaves everything as it was', async () => {
    const world = await lived();
    const before = await progressOf(world);
    const interrupted = AbortSignal.abort(new Error('interrupted'));
    await expect(resetApplication(world.config, transportOf(world), 'end', resetDeps(interrupted))).rejects.toThrow(
      'interrupted',
    );
    expect(await progressOf(world)).toBe(before);
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock, MemoryTransport, RecordingLogger, RecordingMetrics } from '../../src/adapters/memory/index.js';
import { configSchema } from '../../src/config/schema.js';
import type { Model, ModelLoader } from '../../src/ports/model.js';
import type { Transport } from '../../src/ports/transport.js';
import { readCatalogue } from '../../src/snapshot/catalogue.js';
import { createSnapshotFollower, type SnapshotFollower } from '../../src/snapshot/follow.js';
import { championRecord, pack } from '../../src/snapshot/pack.js';
import { pinChampion, promoteSnapshot, publishSnapshot, rollBackSnapshot } from '../../src/snapshot/publish.js';
import { FEATURE_SET, modelBytes, pointTo, sealed } from './manifests.js';

/** Loads the files of {@link modelBytes}; keeps what became of each model, and may hold predictions back. */
function testLoader() {
  const log = { loaded: [] as string[], closed: [] as string[], gate: Promise.resolve() };
  const loader: ModelLoader = {
    async load(onnx, snapshotVersion, featureSetId): Promise<Model> {
      const { p, memberCount } = JSON.parse(new TextDecoder().decode(onnx)) as { p: number; memberCount: number };
      if (typeof p !== 'number') throw new Error('not a model');
      log.loaded.push(snapshotVersion);
      let freed = false;
      return {
        snapshotVersion,
        featureSetId,
        memberCount,
        async predict(_rows, rowCount) {
          await log.gate;
          if (freed) throw new Error('used after it was freed');
          return { probability: new Float32Array(rowCount).fill(p), members: new Float32Array(rowCount).fill(p) };
        },
        async close() {
          freed = true;
          log.closed.push(snapshotVersion);
        },
      };
    },
  };
  return { loader, log };
}

let clock: ManualClock;
let transport: MemoryTransport;
let logger: RecordingLogger;
let metrics: RecordingMetrics;
let models: ReturnType<typeof testLoader>;
let follower: SnapshotFollower;

const follow = (over: Pick<Transport, 'reader'> = transport) =>
  createSnapshotFollower({ transport: over, loader: models.loader, clock, logger, metrics, featureSetId: FEATURE_SET });

/** Publishes a model by hand and makes it champion. */
async function champion(
  p: number | string,
  sequence: number,
  given: Parameters<typeof sealed>[3] = {},
): Promise<string> {
  const manifest = sealed(modelBytes(p), sequence, 4, given);
  const previous = (await readCatalogue(transport)).pointer?.version ?? null;
  await transport.append(pack(manifest, modelBytes(p), pointTo(manifest.version, previous)));
  return manifest.version;
}

async function scoreOf(model: Model | undefined): Promise<number | undefined> {
  return (await model?.predict(new Float32Array(2), 1))?.probability[0];
}

beforeEach(async () => {
  clock = new ManualClock({ skipSleeps: true });
  logger = new RecordingLogger();
  metrics = new RecordingMetrics();
  models = testLoader();
  transport = new MemoryTransport({ application: 'test', topics: configSchema.parse({}).topics, clock });
  await transport.prepare();
  follower = follow();
});

afterEach(async () => {
  await follower.close();
  await transport.close();
});

describe('a follower', () => {
  test('has no champion on an empty topic', async () => {
    await follower.catchUp();
    expect(follower.champion()).toBeUndefined();
    expect(follower.manifests()).toEqual([]);
  });

  test('scores with the champion at once after a restart, without loading those before it', async () => {
    for (const sequence of [1, 2, 3]) await champion(sequence / 10, sequence);
    await follower.catchUp();
    expect(follower.champion()?.snapshotVersion).toMatch(/^000003-/);
    expect(await scoreOf(follower.champion())).toBeCloseTo(0.3, 6);
    expect(models.log.loaded).toHaveLength(1);
    expect(follower.manifests()).toHaveLength(3);
  });

  test('takes a candidate that nobody points to for nothing more than a manifest', async () => {
    const manifest = sealed(modelBytes(0.5), 1);
    await transport.append(pack(manifest, modelBytes(0.5)));
    await follower.catchUp();
    expect(follower.champion()).toBeUndefined();
    expect(follower.manifests()).toEqual([manifest]);
  });

  test('tells its listeners of each new champion, and no more once they left', async () => {
    const heard: string[] = [];
    const leave = follower.onChange((model, { learner }) => heard.push(`${model.snapshotVersion} ${learner}`));
    const first = await champion(0.1, 1);
    await follower.catchUp();
    await follower.catchUp();
    const second = await champion(0.2, 2);
    await follower.catchUp();
    leave();
    await champion(0.3, 3);
    await follower.catchUp();
    expect(heard).toEqual([`${first} boosting`, `${second} boosting`]);
    expect(metrics.total('sluice_champion_changes_total')).toBe(3);
  });

  test.each([
    ['another feature set', () => champion(0.2, 2, { featureSetId: 'another' })],
    ['a file that does not load', () => champion('broken', 2)],
    ['a pointer to nothing', () => transport.append([championRecord(pointTo('000009-abcdef'))])],
    [
      'a changed byte',
      async () => {
        const manifest = sealed(modelBytes(0.2), 2);
        await transport.append(pack(manifest, modelBytes(0.3), pointTo(manifest.version)));
      },
    ],
    [
      'a missing chunk',
      async () => {
        const manifest = sealed(modelBytes(0.2), 2);
        await transport.append(pack(manifest, modelBytes(0.2), pointTo(manifest.version)).slice(1));
      },
    ],
  ])('keeps its champion when the next one is %s, says so once, and takes the one after', async (_, publish) => {
    const good = await champion(0.1, 1);
    await follower.catchUp();
    await publish();
    await follower.catchUp();
    await follower.catchUp();
    expect(follower.champion()?.snapshotVersion).toBe(good);
    expect(await scoreOf(follower.champion())).toBeCloseTo(0.1, 6);
    expect(metrics.total('sluice_snapshots_refused_total')).toBe(1);
    expect(logger.messages('error')).toEqual(['snapshot refused']);
    const next = await champion(0.4, 3);
    await follower.catchUp();
    expect(follower.champion()?.snapshotVersion).toBe(next);
  });

  test('closes an old model only after its predictions have ended', async () => {
    let open = () => {};
    const first = await champion(0.1, 1);
    await follower.catchUp();
    models.log.gate = new Promise((resolve) => (open = resolve));
    const underWay = scoreOf(follower.champion());
    for (const sequence of [2, 3, 4]) {
      await champion(sequence / 10, sequence);
      await follower.catchUp();
    }
    expect(models.log.closed).not.toContain(first);
    open();
    expect(await underWay).toBeCloseTo(0.1, 6);
    await follower.catchUp();
    expect(models.log.closed).toContain(first);
  });

  test('keeps the model before the champion open for a batch that holds it', async () => {
    await champion(0.1, 1);
    await follower.catchUp();
    const held = follower.champion();
    await champion(0.2, 2);
    await follower.catchUp();
    expect(await scoreOf(held)).toBeCloseTo(0.1, 6);
  });

  test('keeps a model open for as long as somebody holds it, and closes it then', async () => {
    const first = await champion(0.1, 1);
    await follower.catchUp();
    const held = follower.champion()!;
    const letGo = held.hold!();
    for (const sequence of [2, 3, 4]) {
      await champion(sequence / 10, sequence);
      await follower.catchUp();
    }
    expect(await scoreOf(held)).toBeCloseTo(0.1, 6);
    expect(models.log.closed).not.toContain(first);
    letGo();
    letGo();
    await follower.catchUp();
    expect(models.log.closed).toContain(first);
    await expect(scoreOf(held)).rejects.toMatchObject({ code: 'bug' });
  });

  test('closes every model it loaded', async () => {
    for (const sequence of [1, 2, 3]) {
      await champion(sequence / 10, sequence);
      await follower.catchUp();
    }
    await follower.close();
    expect([...models.log.closed].sort()).toEqual([...models.log.loaded].sort());
  });

  test('goes back to a version whose bytes it had let go of', async () => {
    const first = await champion(0.1, 1);
    for (const sequence of [2, 3, 4, 5]) await champion(sequence / 10, sequence);
    await follower.catchUp();
    await promoteSnapshot({ transport, clock }, first, FEATURE_SET);
    await follower.catchUp();
    expect(await scoreOf(follower.champion())).toBeCloseTo(0.1, 6);
  });

  test('goes on after the transport failed once', async () => {
    let failures = 1;
    const flaky: Pick<Transport, 'reader'> = {
      async reader(...args) {
        const reader = await transport.reader(...args);
        return {
          caughtUp: () => reader.caughtUp(),
          close: () => reader.close(),
          async poll(waitMs) {
            const records = await reader.poll(waitMs);
            if (failures-- > 0) throw new Error('connection lost');
            return records;
          },
        };
      },
    };
    const first = await champion(0.1, 1);
    await follower.close();
    follower = follow(flaky);
    await expect(follower.catchUp()).rejects.toThrow('connection lost');
    await follower.catchUp();
    expect(follower.champion()?.snapshotVersion).toBe(first);
  });

  test('follows in the background', async () => {
    const changed = new Promise<string>((resolve) =>
      follower.onChange(({ snapshotVersion }) => resolve(snapshotVersion)),
    );
    follower.start();
    const first = await champion(0.1, 1);
    expect(await changed).toBe(first);
  });
});

describe('an operator', () => {
  const brought = (p: number, promote: boolean) => ({
    onnx: modelBytes(p),
    featureSetId: FEATURE_SET,
    columns: ['one', 'two'],
    memberCount: 1,
    promote,
  });

  test('publishes a model trained elsewhere, which scores only once promoted', async () => {
    const { version } = await publishSnapshot({ transport, clock }, brought(0.7, false));
    await follower.catchUp();
    expect(follower.champion()).toBeUndefined();
    await promoteSnapshot({ transport, clock }, version, FEATURE_SET);
    await follower.catchUp();
    expect(await scoreOf(follower.champion())).toBeCloseTo(0.7, 6);
    expect(follower.manifest()).toMatchObject({ learner: 'external', parent: null, decision: { outcome: 'manual' } });
  });

  test('rolls back along the history: twice goes back two, never to what was rolled back from', async () => {
    for (const p of [0.1, 0.2, 0.3]) await publishSnapshot({ transport, clock }, brought(p, true));
    const scores = [];
    for (let turn = 0; turn < 3; turn++) {
      await follower.catchUp();
      scores.push(await scoreOf(follower.champion()));
      if (turn < 2) await rollBackSnapshot({ transport, clock }, FEATURE_SET, { who: 'ana', why: 'clicks fell' });
    }
    expect(scores.map((score) => score?.toFixed(1))).toEqual(['0.3', '0.2', '0.1']);
    await expect(rollBackSnapshot({ transport, clock }, FEATURE_SET)).rejects.toMatchObject({
      code: 'snapshot-unknown',
    });
    const { pointer } = await readCatalogue(transport);
    expect(pointer?.changes.map(({ action }) => action)).toEqual([
      'promote',
      'promote',
      'promote',
      'rollback',
      'rollback',
    ]);
    expect(pointer?.changes.at(-1)).toMatchObject({ who: 'ana', why: 'clicks fell', by: 'operator' });
  });

  test('after a roll-back the next champion follows the one that was gone back to', async () => {
    for (const p of [0.1, 0.2]) await publishSnapshot({ transport, clock }, brought(p, true));
    await rollBackSnapshot({ transport, clock }, FEATURE_SET);
    await publishSnapshot({ transport, clock }, brought(0.3, true));
    await rollBackSnapshot({ transport, clock }, FEATURE_SET);
    await follower.catchUp();
    expect(await scoreOf(follower.champion())).toBeCloseTo(0.1);
  });

  test('a pinned champion holds against fits and promotions, but not against a roll-back', async () => {
    const [first, second] = [
      await publishSnapshot({ transport, clock }, brought(0.1, true)),
      await publishSnapshot({ transport, clock }, brought(0.2, true)),
    ];
    await pinChampion({ transport, clock }, true, { who: 'ana', why: 'sale week' });
    await expect(promoteSnapshot({ transport, clock }, first.version, FEATURE_SET)).rejects.toMatchObject({
      code: 'snapshot-refused',
    });
    await transport.append([championRecord(pointTo(first.version, second.version))]);
    await follower.catchUp();
    expect(follower.champion()?.snapshotVersion).toBe(second.version);
    await rollBackSnapshot({ transport, clock }, FEATURE_SET);
    await follower.catchUp();
    expect(follower.champion()?.snapshotVersion).toBe(first.version);
    expect(follower.state().pointer?.isPinned).toBe(true);
    await pinChampion({ transport, clock }, false, { who: 'ana', why: 'over' });
    await promoteSnapshot({ transport, clock }, second.version, FEATURE_SET);
    await follower.catchUp();
    expect(follower.champion()?.snapshotVersion).toBe(second.version);
  });

  test('a champion that fails at scoring gives way to the one before it, and scores again when it is promoted again', async () => {
    const [, second] = [
      await publishSnapshot({ transport, clock }, brought(0.1, true)),
      await publishSnapshot({ transport, clock }, brought(0.2, true)),
    ];
    await follower.catchUp();
    follower.champion()!.fail!('it predicts something that is not a probability');
    expect(follower.champion()).toBeUndefined();
    await follower.catchUp();
    expect(await scoreOf(follower.champion())).toBeCloseTo(0.1);
    expect(logger.messages('error')).toEqual(['snapshot refused']);
    await promoteSnapshot({ transport, clock }, second.version, FEATURE_SET);
    await follower.catchUp();
    expect(await scoreOf(follower.champion())).toBeCloseTo(0.2);
  });

  test('a follower that starts on a champion that does not load takes the one before it', async () => {
    await champion(0.1, 1);
    await champion('broken', 2);
    await follower.catchUp();
    expect(await scoreOf(follower.champion())).toBeCloseTo(0.1);
  });

  test('cannot promote what is unknown or of another feature set, or roll back before the first', async () => {
    const { version } = await publishSnapshot({ transport, clock }, brought(0.1, true));
    await expect(promoteSnapshot({ transport, clock }, '000009-abcdef', FEATURE_SET)).rejects.toMatchObject({
      code: 'snapshot-unknown',
    });
    await expect(promoteSnapshot({ transport, clock }, version, 'another')).rejects.toMatchObject({
      code: 'snapshot-refused',
    });
    await expect(rollBackSnapshot({ transport, clock }, FEATURE_SET)).rejects.toMatchObject({
      code: 'snapshot-unknown',
    });
    await follower.catchUp();
    expect(follower.champion()?.snapshotVersion).toBe(version);
  });
});

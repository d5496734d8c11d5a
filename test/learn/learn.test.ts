import { afterEach, describe, expect, test } from 'vitest';
import { SluiceError } from '../../src/errors.js';
import type { Transport } from '../../src/ports/transport.js';
import { readCatalogue } from '../../src/snapshot/catalogue.js';
import { bench, type Bench } from './fakes.js';
import { sample } from './samples.js';
import { clickStream, type Stream } from './stream.js';

let on: Bench;
afterEach(() => on.close());

const OFFSET_LEARNER = { retrain: { learner: 'linear' } } as const;

async function feed({ training, audit }: Stream, partitions = 1): Promise<void> {
  await on.append('training', training, (i) => i % partitions);
  await on.append('audit', audit, (i) => i % partitions);
}

describe('a fit', () => {
  test.each(['linear', 'forest'] as const)(
    'of %s on curated rows is calibrated on the uniform ones, and becomes champion',
    async (learner) => {
      on = await bench({ retrain: { learner } });
      const { learner: slow, follower } = on.start();
      await feed(clickStream(40_000, 1));
      const report = await slow.run(40_000);
      expect(report?.promoted).toBe(true);
      expect(follower.champion()?.snapshotVersion).toBe(report?.manifest.version);
      const { overall } = report!.manifest.metrics.candidate!;
      // Standard error of Σp̂/Σy with this many positives, four of them.
      expect(Math.abs(overall.calibration! - 1)).toBeLessThan(4 / Math.sqrt(overall.positiveCount));
      expect(overall.normalisedEntropy).toBeLessThan(0.9);
      expect(overall.auc).toBeGreaterThan(0.75);
      expect(report!.manifest).toMatchObject({
        featureSetId: 'features-test',
        columns: ['x'],
        parent: null,
        gain: [1],
      });
    },
  );

  test('that ignored the offset would be far off: what the law above can see', async () => {
    on = await bench(OFFSET_LEARNER);
    const { learner } = on.start();
    const { training, audit } = clickStream(40_000, 1);
    await feed({ training: training.map((one) => ({ ...one, logOddsOffset: 0 })), audit });
    expect((await learner.run(40_000))!.manifest.metrics.candidate!.overall.calibration).toBeGreaterThan(1.3);
  });

  test('of an offset learner is unweighted, of a forest weighted without offsets', async () => {
    for (const learner of ['boosting', 'head', 'linear', 'forest'] as const) {
      on = await bench({ retrain: { learner } });
      await feed(clickStream(5_000, 2));
      await on.start().learner.run(5_000);
      const { training, learner: asked } = on.plain.seen[0]!;
      expect(asked).toBe(learner);
      expect([
        training.weights.every((weight) => weight === 1),
        training.offsets.every((offset) => offset === 0),
      ]).toEqual(learner === 'forest' ? [false, true] : [true, false]);
      if (learner !== 'forest') await on.close();
    }
  });

  test('never sees an audit sample', async () => {
    on = await bench(OFFSET_LEARNER);
    const stream = clickStream(5_000, 3);
    await feed(stream);
    await on.start().learner.run(5_000);
    const trained = new Set(on.plain.seen[0]!.training.rows);
    expect(trained.size).toBeGreaterThan(100);
    expect(stream.audit.filter(({ features }) => trained.has(features[0]!))).toEqual([]);
  });

  test('is the same to the byte after a restart, however the partitions were read', async () => {
    on = await bench({
      topics: { partitions: 3 },
      retrain: { learner: 'linear', reservoirSize: 500, halfLifeSamples: 1_000 },
    });
    const parts = [clickStream(6_000, 4), clickStream(6_000, 5, 6_000)];
    const whole = on.start();
    for (const part of parts) await feed(part, 3);
    await whole.learner.run(12_000);
    const restarted = on.start();
    await restarted.learner.catchUp();
    await restarted.learner.run(12_000);
    const [first, second] = (await readCatalogue(on.transport)).manifests.values();
    expect(second!.sha256).toBe(first!.sha256);
    expect(second!.trainedOn).toEqual(first!.trainedOn);
    expect(second!.trainedOn.rows).toBe(500);
    expect(second!.trainedOn.untilOffsets.training).toEqual(await on.transport.endOffsets('training'));
  });

  test('without enough positives is left out, and said', async () => {
    on = await bench({ retrain: { learner: 'linear', minPositives: 10_000 } });
    await feed(clickStream(2_000, 6));
    const { learner } = on.start();
    expect(await learner.run(2_000)).toBeUndefined();
    expect(learner.due(2_001, on.clock.nowMs())).toBe(false);
    expect((await readCatalogue(on.transport)).manifests.size).toBe(0);
    expect(on.logger.messages('info')).toContain('too few rows of one class to fit');
  });

  test('judges candidate and champion on the same audit samples, each surface too', async () => {
    on = await bench(OFFSET_LEARNER);
    const { learner } = on.start();
    await feed(clickStream(10_000, 7));
    const first = await learner.run(10_000);
    await feed(clickStream(10_000, 8, 10_000));
    const { manifest } = (await learner.run(20_000))!;
    const { candidate, champion } = manifest.metrics;
    expect(manifest.parent).toBe(first!.manifest.version);
    expect(champion!.overall.sampleCount).toBe(candidate!.overall.sampleCount);
    expect(champion!.overall.positiveCount).toBe(candidate!.overall.positiveCount);
    expect(manifest.decision.sampleCount).toBe(candidate!.overall.sampleCount);
    expect(Object.keys(candidate!.surfaces).sort()).toEqual(['AD', 'SEARCH']);
    expect(candidate!.surfaces.AD!.sampleCount + candidate!.surfaces.SEARCH!.sampleCount).toBe(
      candidate!.overall.sampleCount,
    );
    expect(manifest.decision.meanGain).toBeCloseTo(champion!.overall.logLoss! - candidate!.overall.logLoss!, 9);
    expect(on.metrics.latest('sluice_audit_auc_fraction', { role: 'candidate', surface: 'ALL' })).toBe(
      candidate!.overall.auc,
    );
    for (const decision of ['accuracy', 'precision', 'recall', 'f1'] as const)
      expect(on.metrics.latest(`sluice_audit_${decision}_fraction`, { role: 'champion', surface: 'ALL' })).toBe(
        champion!.overall[decision],
      );
  });
});

describe('the champion stays', () => {
  async function withChampion(): Promise<ReturnType<Bench['start']> & { champion: string }> {
    on = await bench(OFFSET_LEARNER);
    const started = on.start();
    await feed(clickStream(10_000, 9));
    const champion = (await started.learner.run(10_000))!.manifest.version;
    return { ...started, champion };
  }

  test('when the candidate is significantly worse, and both are on record', async () => {
    const { learner, follower, champion } = await withChampion();
    on.plain.switches.spoil = { intercept: 1, slope: -1 };
    const report = await learner.run(20_000);
    expect(report).toMatchObject({ promoted: false, manifest: { parent: champion, decision: { outcome: 'kept' } } });
    expect(report!.manifest.decision.upperBound).toBeLessThan(0);
    expect(follower.champion()?.snapshotVersion).toBe(champion);
    expect(follower.manifests().map(({ decision }) => decision.outcome)).toEqual(['promoted', 'kept']);
    expect(on.metrics.total('sluice_fits_total', { result: 'kept' })).toBe(1);
  });

  test('when the candidate predicts no probabilities', async () => {
    const { learner, follower, champion } = await withChampion();
    on.plain.switches.spoil = { intercept: Number.NaN, slope: 0 };
    expect((await learner.run(20_000))?.manifest).toMatchObject({
      decision: { outcome: 'kept' },
      metrics: { candidate: null },
    });
    expect(follower.champion()?.snapshotVersion).toBe(champion);
  });

  test('when the fit fails; the next one may succeed', async () => {
    const { learner, follower, champion } = await withChampion();
    on.plain.switches.fail = new SluiceError('fit-failed', { learner: 'linear', rows: 1, why: 'switched' });
    expect(await learner.run(20_000)).toBeUndefined();
    expect(follower.champion()?.snapshotVersion).toBe(champion);
    expect(on.metrics.total('sluice_fits_total', { result: 'failed' })).toBe(1);
    on.plain.switches.fail = undefined;
    expect((await learner.run(40_000))?.promoted).toBe(true);
  });

  test('when its file does not load', async () => {
    const { champion } = await withChampion();
    const loader = {
      load: (_: Uint8Array, version: string) =>
        Promise.reject(new SluiceError('snapshot-refused', { version, why: 'switched' })),
    };
    const { learner, follower } = on.start();
    await follower.catchUp();
    const refusing = on.start({ loader, follower });
    expect(await refusing.learner.run(20_000)).toBeUndefined();
    expect(follower.champion()?.snapshotVersion).toBe(champion);
    expect(on.metrics.total('sluice_fits_total', { result: 'refused' })).toBe(1);
    await learner.close();
  });

  test('when the fit is given up', async () => {
    const { learner, follower, champion } = await withChampion();
    on.plain.switches.hang = true;
    const stop = new AbortController();
    const fit = learner.run(20_000, stop.signal);
    while (on.plain.seen.length < 2) await on.clock.sleep(0);
    stop.abort();
    expect(await fit).toBeUndefined();
    expect(follower.champion()?.snapshotVersion).toBe(champion);
    expect(on.metrics.total('sluice_fits_total', { result: 'failed' })).toBe(0);
  });

  test('when it is given up before the fit: no model of half the rows', async () => {
    const { learner, champion, follower } = await withChampion();
    expect(await learner.run(20_000, AbortSignal.abort())).toBeUndefined();
    expect(on.plain.seen).toHaveLength(1);
    expect(follower.champion()?.snapshotVersion).toBe(champion);
  });

  test('under the manual policy, until an operator says otherwise', async () => {
    on = await bench({ retrain: { learner: 'linear', promote: 'manual' } });
    const { learner, follower } = on.start();
    await feed(clickStream(10_000, 10));
    expect((await learner.run(10_000))?.manifest.decision.outcome).toBe('manual');
    expect(follower.champion()).toBeUndefined();
    expect(follower.manifests()).toHaveLength(1);
  });
});

describe('triggers', () => {
  test('count from the last fit, across a restart', async () => {
    on = await bench({ retrain: { learner: 'linear', everySamples: 1_000, everyMs: 0 } });
    await feed(clickStream(10_000, 11));
    const { learner } = on.start();
    expect(learner.due(999, 0)).toBe(false);
    expect(learner.due(1_000, 0)).toBe(true);
    expect((await learner.run(10_150))?.trigger).toBe('samples');
    const restarted = on.start();
    await restarted.learner.catchUp();
    expect(restarted.learner.due(11_149, 0)).toBe(false);
    expect(restarted.learner.due(11_150, 0)).toBe(true);
  });

  test('include drift of the present champion', async () => {
    on = await bench({ retrain: { learner: 'linear', everySamples: 1_000_000, everyMs: 0 } });
    await feed(clickStream(4_000, 12));
    const { learner } = on.start();
    const { version } = (await learner.run(10_000))!.manifest;
    const scored = (i: number, label: 0 | 1, snapshotVersion: string) =>
      sample(20_000 + i, { features: [0], label, prediction: 0.05, snapshotVersion });
    const steady = Array.from({ length: 1_000 }, (_, i) => scored(i, i % 20 === 0 ? 1 : 0, version));
    const risen = (of: string) => Array.from({ length: 1_000 }, (_, i) => scored(1_000 + i, i % 3 === 0 ? 1 : 0, of));
    await on.append('audit', [
      ...steady.map((one) => ({ ...one, snapshotVersion: 'other' })),
      ...risen('other'),
      ...steady,
    ]);
    await learner.catchUp();
    expect(learner.due(10_001, 0)).toBe(false);
    await on.append('audit', risen(version));
    await learner.catchUp();
    expect(learner.due(10_001, 0)).toBe(true);
    expect((await learner.run(10_001))?.trigger).toBe('drift');
    expect(learner.due(10_002, 0)).toBe(false);
    expect(on.metrics.total('sluice_drift_alarms_total')).toBeGreaterThanOrEqual(1);
  });
});

describe('live mode', () => {
  const published = async (count: number) => {
    while ((await readCatalogue(on.transport)).manifests.size < count) await on.clock.sleep(0);
  };

  test('fits in the background when due, and stops and starts again', async () => {
    on = await bench({ retrain: { learner: 'linear', everySamples: 1_000, everyMs: 0 } });
    const { learner, follower } = on.start();
    let seen = 0;
    learner.start(() => seen);
    await feed(clickStream(5_000, 13));
    seen = 5_000;
    await published(1);
    await learner.stop();
    expect(follower.champion()).toBeDefined();
    seen = 9_000;
    for (let turn = 0; turn < 20; turn++) await on.clock.sleep(0);
    expect((await readCatalogue(on.transport)).manifests.size).toBe(1);
    learner.start(() => seen);
    await published(2);
  });

  test('goes on after failures of the transport, losing and doubling no row', async () => {
    on = await bench({ retrain: { learner: 'linear', everySamples: 1_000, everyMs: 0 } });
    const stream = clickStream(5_000, 14);
    await feed(stream);
    let failures = 3;
    const flaky: Pick<Transport, 'reader'> = {
      async reader(...args) {
        const reader = await on.transport.reader(...args);
        let polls = 0;
        return {
          caughtUp: async () => (await reader.caughtUp()) && polls > 0,
          close: () => reader.close(),
          async poll(waitMs) {
            if (polls++ > 0 && failures-- > 0) throw new Error('connection lost');
            return reader.poll(waitMs);
          },
        };
      },
    };
    const { append, publish, partitionCount } = {
      publish: on.transport.publish.bind(on.transport),
      append: on.transport.append.bind(on.transport),
      partitionCount: on.transport.partitionCount.bind(on.transport),
    };
    // An end that is never reached, as in a log that ends in transaction markers, leaves the stop to caughtUp.
    const endOffsets = async () => [Number.MAX_SAFE_INTEGER];
    const { learner } = on.start({ transport: { ...flaky, append, publish, partitionCount, endOffsets } });
    learner.start(() => 5_000);
    await published(1);
    const [manifest] = (await readCatalogue(on.transport)).manifests.values();
    expect(manifest!.trainedOn.rows).toBe(stream.training.length);
  });

  test('gives up a fit under way when stopped', async () => {
    on = await bench({ retrain: { learner: 'linear', everySamples: 1_000 } });
    await feed(clickStream(5_000, 15));
    on.plain.switches.hang = true;
    const { learner } = on.start();
    learner.start(() => 5_000);
    while (on.plain.seen.length === 0) await on.clock.sleep(0);
    await learner.stop();
    expect((await readCatalogue(on.transport)).manifests.size).toBe(0);
  });
});

describe('rows', () => {
  test('of another feature set, another width, no sense or no JSON are passed over and counted', async () => {
    on = await bench(OFFSET_LEARNER);
    const stream = clickStream(5_000, 16);
    await on.append('training', [
      sample(90_001, { featureSetId: 'another' }),
      sample(90_002, { features: [1, 2] }),
      sample(90_003, { importanceWeight: -1 }),
      sample(90_004, { logOddsOffset: Number.NaN }),
    ]);
    await on.transport.append([
      { topic: 'training', key: null, value: new TextEncoder().encode('{'), partition: 0 },
      { topic: 'audit', key: null, value: new TextEncoder().encode('{}'), partition: 0 },
      { topic: 'training', key: null, value: null, partition: 0 },
    ]);
    await feed(stream);
    const report = await on.start().learner.run(5_000);
    expect(report!.manifest.trainedOn.rows).toBe(stream.training.length);
    const skipped = (reason: string) => on.metrics.total('sluice_learner_skipped_rows_total', { reason });
    expect(['feature-set', 'columns', 'malformed', 'undecodable'].map(skipped)).toEqual([2, 1, 2, 1]);
  });
});

describe('published snapshots', () => {
  test('beyond retrain.keepSnapshots give up their bytes', async () => {
    on = await bench({ retrain: { learner: 'linear', keepSnapshots: 2 } });
    const { learner } = on.start();
    for (let fit = 1; fit <= 6; fit++) {
      await feed(clickStream(3_000, 20 + fit, fit * 3_000));
      await learner.run(fit * 3_000);
    }
    const state = await readCatalogue(on.transport);
    expect(state.manifests.size).toBe(6);
    expect(state.chunks.size).toBeLessThanOrEqual(4);
    expect(state.chunks.has(state.pointer!.version)).toBe(true);
  });
});

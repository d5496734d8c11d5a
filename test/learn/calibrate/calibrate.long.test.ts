import { afterEach, describe, expect, test } from 'vitest';
import { onnxModelLoader } from '../../../src/adapters/onnx/model.js';
import { readPredictor } from '../../../src/adapters/onnx/reader/index.js';
import type { ConfigInput } from '../../../src/config/schema.js';
import { rowsAfter, splitByTime } from '../../../src/learn/calibrate/split.js';
import { createRowSlab } from '../../../src/learn/reservoir/row-slab.js';
import type { FitRequest } from '../../../src/ports/trainer.js';
import { fetchSnapshot, readCatalogue } from '../../../src/snapshot/catalogue.js';
import type { SnapshotManifest } from '../../../src/snapshot/manifest.js';
import { bench, type Bench } from '../fakes.js';
import { realTrainer } from '../real-trainer.js';
import { clickStream } from '../stream.js';

let on: Bench;
afterEach(() => on.close());

/** A fit that does not know of the selection: far off, as the offset alone would have put it right. */
const unaware = (request: FitRequest): FitRequest => ({
  ...request,
  training: { ...request.training, offsets: new Float32Array(request.training.rowCount) },
});

async function learnerOn(retrain: NonNullable<ConfigInput['retrain']>, spoil?: Parameters<typeof realTrainer>[0]) {
  on = await bench({ retrain: { learner: 'linear', ...retrain } });
  return on.start({ trainer: realTrainer(spoil), loader: onnxModelLoader() });
}

async function feed(count: number, seed: number, firstId = 0): Promise<void> {
  const { training, audit } = clickStream(count, seed, firstId);
  await on.append('training', training);
  await on.append('audit', audit);
}

const sampleMs = (id: number) => 1_700_000_000_000 + id * 1_000;
const within = (manifest: SnapshotManifest, errors: number) =>
  errors / Math.sqrt(manifest.metrics.candidate!.overall.positiveCount);

describe('a candidate', () => {
  test.each(['linear', 'boosting'] as const)(
    'of %s that is far off is right on newer rows than it was calibrated on, and ranks as before',
    async (learner) => {
      const plain = await learnerOn({ learner, calibration: { method: 'none' } }, unaware);
      await feed(30_000, 1);
      const { manifest: before } = (await plain.learner.run(30_000))!;
      await on.close();
      const { learner: slow } = await learnerOn({ learner }, unaware);
      await feed(30_000, 1);
      const { manifest } = (await slow.run(30_000))!;
      expect(before.metrics.candidate!.overall.calibration).toBeGreaterThan(1.3);
      expect(manifest.calibration).toMatchObject({ method: 'platt' });
      const { overall } = manifest.metrics.candidate!;
      // The prior keeps a little of what was wrong.
      expect(Math.abs(overall.calibration! - 1)).toBeLessThan(within(manifest, 4) + 0.1);
      expect(manifest.calibration!.after!.calibration).toBeCloseTo(overall.calibration!, 4);
      expect(manifest.calibration!.before!.calibration).toBeGreaterThan(1.3);
      expect(overall.expectedCalibrationError!).toBeLessThan(
        manifest.calibration!.before!.expectedCalibrationError! / 2,
      );
      // Of another half of the window, so within its noise only; the law on the same rows stands with the line itself.
      expect(Math.abs(overall.auc! - before.metrics.candidate!.overall.auc!)).toBeLessThan(0.02);
    },
  );

  test('that is right stays as it is, or nearly', async () => {
    const { learner } = await learnerOn({});
    await feed(30_000, 2);
    const { manifest } = (await learner.run(30_000))!;
    const { slope, intercept, after, before } = manifest.calibration!;
    expect(Math.abs(slope - 1)).toBeLessThan(0.15);
    expect(Math.abs(intercept)).toBeLessThan(0.3);
    expect(Math.abs(manifest.metrics.candidate!.overall.calibration! - 1)).toBeLessThan(within(manifest, 4));
    expect(Math.abs(after!.logLoss! - before!.logLoss!)).toBeLessThan(0.002);
  });

  test('is kept as it was fitted, to the byte, when a calibration does no better on the newer rows', async () => {
    const { learner } = await learnerOn({}, unaware);
    // What the older rows teach is wrong for the newer ones: there the labels are as the unaware model expects them.
    const { training, audit } = clickStream(15_000, 3);
    const later = clickStream(15_000, 4, 15_000).audit.map((one, i) =>
      i % 8 === 0 ? { ...one, label: 1 as const } : one,
    );
    await on.append('training', training);
    await on.append('audit', [...audit, ...later]);
    const { manifest } = (await learner.run(30_000))!;
    const { calibration } = manifest;
    expect(calibration).toMatchObject({ method: 'identity', slope: 1, intercept: 0, untilMs: null });
    expect(calibration!.rows).toBeGreaterThan(0);
    expect(calibration!.reason).toMatch(/no better/);
    expect(calibration!.after!.logLoss).toBeGreaterThan(calibration!.before!.logLoss!);
    expect(manifest.metrics.candidate!.overall.sampleCount).toBe(calibration!.heldOutRows);
    const plain = on.start({ trainer: realTrainer(unaware), loader: onnxModelLoader() });
    const { sha256 } = (await plain.learner.run(30_001))!.manifest;
    expect(sha256).toBe(manifest.sha256);
  });

  test('of too little audit data is left as it is, which is said, and all audit rows judge it', async () => {
    const { learner } = await learnerOn({ calibration: { minPositives: 400 } }, unaware);
    await feed(10_000, 5);
    const { manifest } = (await learner.run(10_000))!;
    expect(manifest.calibration).toMatchObject({ method: 'identity', slope: 1, intercept: 0, rows: 0, before: null });
    expect(manifest.calibration!.reason).toMatch(/too few audit rows: \d+ positives .*minPositives = 400$/);
    expect(manifest.metrics.candidate!.overall.sampleCount).toBe(clickStream(10_000, 5).audit.length);
  });

  test('is left as it is under method none, and by a trainer that cannot calibrate', async () => {
    const { learner } = await learnerOn({ calibration: { method: 'none' } }, unaware);
    await feed(20_000, 6);
    expect((await learner.run(20_000))!.manifest.calibration).toMatchObject({ method: 'identity', before: null });
    const { fit, close } = realTrainer();
    const { learner: other } = on.start({ trainer: { fit, close }, loader: onnxModelLoader() });
    expect((await other.run(20_001))!.manifest.calibration).toMatchObject({ method: 'identity', before: null });
  });

  test('is the same to the byte after a restart', async () => {
    const { learner } = await learnerOn({}, unaware);
    await feed(30_000, 7);
    const first = (await learner.run(30_000))!.manifest;
    await on.start({ trainer: realTrainer(unaware), loader: onnxModelLoader() }).learner.run(30_000);
    const second = [...(await readCatalogue(on.transport)).manifests.values()].at(-1)!;
    expect(first.calibration!.method).toBe('platt');
    expect(second.sha256).toBe(first.sha256);
    expect(second.calibration).toEqual(first.calibration);
  });

  test('is published as a file that Sluice reads back', async () => {
    const { learner } = await learnerOn({}, unaware);
    await feed(30_000, 8);
    const { version, calibration } = (await learner.run(30_000))!.manifest;
    expect(calibration!.method).toBe('platt');
    const { onnx } = await fetchSnapshot(on.transport, version);
    expect(readPredictor(onnx, 1, 1)?.kind).toBe('linear');
  });
});

describe('what decides a promotion', () => {
  test('is never a row that candidate or champion was calibrated on', async () => {
    const { learner } = await learnerOn({}, unaware);
    let ids = 0;
    let lastUntilMs = -Infinity;
    const auditMs: number[] = [];
    for (let fit = 1; fit <= 4; fit++) {
      const stream = clickStream(10_000, 10 + fit, ids);
      await on.append('training', stream.training);
      await on.append('audit', stream.audit);
      auditMs.push(...stream.audit.map(({ eventTimeMs }) => eventTimeMs));
      ids += 10_000;
      const { manifest } = (await learner.run(ids))!;
      const { calibration, metrics, decision } = manifest;
      expect(calibration!.method).toBe('platt');
      expect(calibration!.untilMs).toBeGreaterThan(lastUntilMs);
      expect(calibration!.untilMs).toBeLessThan(sampleMs(ids));
      const newer = auditMs.filter((ms) => ms > calibration!.untilMs!).length;
      expect(calibration!.rows + newer).toBe(auditMs.length);
      for (const { overall } of [metrics.candidate!, ...(metrics.champion ? [metrics.champion] : [])])
        expect(overall.sampleCount).toBe(newer);
      expect(decision.sampleCount).toBe(newer);
      lastUntilMs = calibration!.untilMs!;
    }
  });

  test('is not what the champion was calibrated on, when the candidate is left as it is', async () => {
    const { learner } = await learnerOn({}, unaware);
    await feed(30_000, 20);
    const { calibration } = (await learner.run(30_000))!.manifest;
    const { learner: plain, follower } = on.start({
      trainer: { fit: realTrainer().fit, close: async () => {} },
      loader: onnxModelLoader(),
    });
    await follower.catchUp();
    const { manifest } = (await plain.run(40_000))!;
    expect(manifest.parent).not.toBeNull();
    expect(manifest.decision.sampleCount).toBe(calibration!.heldOutRows);
  });
});

describe('the cut in time', () => {
  const rowsAt = (timesMs: readonly number[]) => {
    const slab = createRowSlab(100, 1);
    timesMs.forEach((ms, i) => {
      const row = { features: [i], label: 0, weight: 1, offset: 0, surface: 'AD', draw: 0, fold: 0 } as const;
      slab.offer(i, { ...row, timeKey: ms + (i + 1) / 100 });
    });
    return slab.ordered();
  };

  test('halves the rows, and never goes through one millisecond', () => {
    const { older, newer, untilMs } = splitByTime(rowsAt([1, 2, 3, 3, 3, 3, 4]));
    expect([[...older.rows], [...newer.rows], untilMs]).toEqual([[0, 1, 2, 3, 4, 5], [6], 3]);
    expect(splitByTime(rowsAt([5, 5, 5])).newer.rowCount).toBe(0);
    expect(splitByTime(rowsAt([])).older.rowCount).toBe(0);
    expect(splitByTime(rowsAt([7])).newer.rowCount).toBe(1);
  });

  test('leaves what is after a time', () => {
    const rows = rowsAt([1, 2, 3]);
    expect([...rowsAfter(rows, 2).rows]).toEqual([2]);
    expect(rowsAfter(rows, 9).rowCount).toBe(0);
    expect(rowsAfter(rows, null)).toBe(rows);
  });
});

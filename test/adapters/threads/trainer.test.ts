import { LEARNER_NAMES } from '../../../src/learn/learners/index.js';
import { afterAll, describe, expect, it } from 'vitest';
import { onnxModelLoader } from '../../../src/adapters/onnx/model.js';
import { createTrainer } from '../../../src/adapters/threads/trainer.js';
import type { FitRequest } from '../../../src/ports/trainer.js';
import { clickRows } from '../../../src/lab/laws/click-rows.js';
import { recalibrated } from '../../learn/calibrate/recalibrated.js';

const training = clickRows(2_000, 12, 8, -2);
const settings = { trees: 6, rowsPerTree: 300, rounds: 20, epochs: 3 };
const request = (learner: FitRequest['learner'], changes: Partial<FitRequest> = {}): FitRequest => ({
  learner,
  training,
  seed: 5,
  settings,
  ...changes,
});

describe('the trainer', () => {
  const trainer = createTrainer();
  afterAll(() => trainer.close());

  it.each(LEARNER_NAMES)(
    'fits %s away from the event loop, the same bytes each time, and leaves the rows usable',
    async (learner) => {
      const turns = { count: 0 };
      const spin = () => setImmediate(() => ((turns.count += 1), fitting && spin()));
      let fitting = true;
      spin();
      const first = await trainer.fit(request(learner));
      fitting = false;
      const second = await trainer.fit(request(learner));
      expect(turns.count).toBeGreaterThan(3);
      expect(second.onnx).toEqual(first.onnx);
      expect(first.gain).toHaveLength(12);
      expect(first.memberCount).toBe(learner === 'forest' ? 6 : 1);
      const model = await onnxModelLoader().load(first.onnx, 'v', 'f');
      const { probability } = await model.predict(training.rows, training.rowCount);
      await model.close();
      expect(probability.every((p) => p > 0 && p < 1)).toBe(true);
    },
  );

  it.each(['forest', 'boosting', 'head'] as const)('another seed fits another %s', async (learner) => {
    const [one, other] = await Promise.all([trainer.fit(request(learner)), trainer.fit(request(learner, { seed: 6 }))]);
    expect(one.onnx).not.toEqual(other.onnx);
  });

  it('rejects with fit-failed, learner, rows and reason', async () => {
    const labels = new Uint8Array(training.rowCount);
    await expect(trainer.fit(request('boosting', { training: { ...training, labels } }))).rejects.toMatchObject({
      code: 'fit-failed',
      details: { learner: 'boosting', rows: 2_000, why: expect.stringContaining('0 positive') },
    });
  });

  it.each(LEARNER_NAMES)(
    'calibrates %s away from the event loop too, and leaves what it was given usable',
    async (learner) => {
      const { onnx, memberCount } = await trainer.fit(request(learner));
      const model = await onnxModelLoader().load(onnx, 'v', 'f');
      const { members } = await model.predict(training.rows, training.rowCount);
      // Labels of a stream with a quarter of the clicks.
      const labels = training.labels.map((label, i) => (i % 4 === 0 ? label : 0));
      const asked = { onnx, columnCount: 12, memberCount, members, labels };
      const { slope, intercept, ...calibrated } = (await trainer.calibrate!(asked))!;
      const bent = await onnxModelLoader().load(calibrated.onnx, 'v', 'f');
      const { probability } = await bent.predict(training.rows, training.rowCount);
      const expected = recalibrated(members, memberCount, { slope, intercept });
      probability.forEach((p, i) => expect(Math.abs(p - expected[i]!)).toBeLessThan(1e-5));
      expect(intercept).toBeLessThan(0);
      expect(await trainer.calibrate!({ ...asked, onnx: Uint8Array.of(1) })).toBeNull();
      await Promise.all([model.close(), bent.close()]);
    },
  );

  it('ends a running fit when aborted, and fits again afterwards', async () => {
    const abort = new AbortController();
    const long = trainer.fit(request('boosting', { settings: { rounds: 1_000_000 } }), abort.signal);
    setTimeout(() => abort.abort(), 100);
    await expect(long).rejects.toMatchObject({ name: 'AbortError' });
    expect((await trainer.fit(request('linear'))).memberCount).toBe(1);
  });

  it('ends a fit that takes too long or too much heap with fit-failed, which names the limit, and fits again afterwards', async () => {
    const limited = createTrainer({ limits: { fitMs: 300, fitHeapMb: 4_096 } });
    await expect(limited.fit(request('boosting', { settings: { rounds: 1_000_000 } }))).rejects.toMatchObject({
      code: 'fit-failed',
      details: { why: 'it took longer than retrain.limits.fitMs = 300' },
    });
    await limited.close();
    const narrow = createTrainer({ limits: { fitMs: 600_000, fitHeapMb: 8 } });
    const large = { settings: { rounds: 10_000_000, leaves: 64, minChildRows: 1, l2: 0 } };
    await expect(narrow.fit(request('boosting', large))).rejects.toMatchObject({
      code: 'fit-failed',
      details: { why: 'it needs more heap than retrain.limits.fitHeapMb allows' },
    });
    expect((await narrow.fit(request('linear'))).memberCount).toBe(1);
    await narrow.close();
  });

  it('rejects what is running with AbortError when closed', async () => {
    const other = createTrainer();
    const long = other.fit(request('boosting', { settings: { rounds: 1_000_000 } }));
    const rejected = expect(long).rejects.toMatchObject({ name: 'AbortError' });
    await other.close();
    await rejected;
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock, MemoryTransport, RecordingLogger, RecordingMetrics } from '../../src/adapters/memory/index.js';
import { onnxModelLoader } from '../../src/adapters/onnx/model.js';
import { predictorGraph, writeOnnx } from '../../src/adapters/onnx/writer/index.js';
import { judge } from '../../src/learn/evaluate/judge.js';
import { NO_SNAPSHOT, scoreBatch } from '../../src/pipeline/score/score.js';
import { scorerOf } from '../../src/pipeline/score/scorers.js';
import type { LinearPredictor } from '../../src/ports/learner.js';
import { createSnapshotFollower, type SnapshotFollower } from '../../src/snapshot/follow.js';
import { pack } from '../../src/snapshot/pack.js';
import { tryOut } from '../../src/snapshot/try-out.js';
import type { Model, ModelLoader } from '../../src/ports/model.js';
import { configOf } from '../pipeline/kit.js';
import { FEATURE_SET, pointTo, sealed } from './manifests.js';

const COLUMNS = 2;

/** A logistic model as a file that onnxruntime runs: `weight` on each column, one member. */
function onnxOf(columnCount: number, weight: number): Uint8Array {
  const predictor: LinearPredictor = {
    kind: 'linear',
    columnCount,
    memberCount: 1,
    centre: new Float32Array(columnCount),
    inverseScale: new Float32Array(columnCount).fill(1),
    weights: new Float32Array(columnCount).fill(weight),
    missingWeights: new Float32Array(columnCount),
    intercept: Float32Array.of(-1),
  };
  return writeOnnx(predictorGraph(predictor));
}

const closed = {
  rowCount: 3,
  columnCount: COLUMNS,
  labels: Uint8Array.of(0, 1, 0),
  rows: Float32Array.of(1, 2, 3, 4, 5, 6),
};
const audit = {
  rows: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  rowCount: 4,
  columnCount: COLUMNS,
  labels: Uint8Array.of(0, 1, 0, 1),
  weights: new Float32Array(4).fill(1),
  offsets: new Float32Array(4),
  surfaces: new Uint8Array(4),
};

const tried = (onnx: Uint8Array) => ({ onnx, name: 'mine.onnx', featureSetId: FEATURE_SET, columnCount: COLUMNS });

/** Models of onnxruntime that answer in another way. */
function spoiled(how: (predict: Model['predict']) => Model['predict']): ModelLoader {
  const loader = onnxModelLoader();
  return {
    async load(...of) {
      const model = await loader.load(...of);
      return { ...model, predict: how((rows, rowCount) => model.predict(rows, rowCount)) };
    },
  };
}

describe('a model that was brought', () => {
  const scorer = scorerOf(configOf({ selection: { scorer: 'surprise' } }).selection);
  let transport: MemoryTransport;
  let metrics: RecordingMetrics;
  let follower: SnapshotFollower;

  beforeEach(async () => {
    const clock = new ManualClock({ skipSleeps: true });
    transport = new MemoryTransport({ application: 'test', topics: configOf().topics, clock });
    await transport.prepare();
    metrics = new RecordingMetrics();
    follower = createSnapshotFollower({
      transport,
      loader: onnxModelLoader(),
      clock,
      logger: new RecordingLogger(),
      metrics,
      featureSetId: FEATURE_SET,
    });
    return () => follower.close();
  });

  async function crown(onnx: Uint8Array, sequence: number, previous: string | null): Promise<string> {
    const manifest = sealed(onnx, sequence, 100_000);
    await transport.append(pack(manifest, onnx, pointTo(manifest.version, previous)));
    return manifest.version;
  }

  it('answers NaN: the batch is scored without it, and the champion before it scores the next', async () => {
    const good = await crown(onnxOf(COLUMNS, 0.1), 1, null);
    await crown(onnxOf(COLUMNS, NaN), 2, good);
    await follower.catchUp();
    const first = await scoreBatch(closed, follower.champion(), scorer);
    expect(first).toMatchObject({ prediction: undefined, snapshotVersion: NO_SNAPSHOT });
    await follower.catchUp();
    expect(await scoreBatch(closed, follower.champion(), scorer)).toMatchObject({ snapshotVersion: good });
    expect(metrics.total('sluice_snapshots_refused_total')).toBe(1);
  });

  it('answers NaN and has none before it: it scores no more, and its metrics end', async () => {
    const version = await crown(onnxOf(COLUMNS, NaN), 1, null);
    await follower.catchUp();
    expect(metrics.latest('sluice_snapshot_info', { version })).toBe(1);
    await scoreBatch(closed, follower.champion(), scorer);
    expect(follower.champion()).toBeUndefined();
    expect(metrics.latest('sluice_snapshot_info', { version })).toBeUndefined();
  });

  it('is of another width: it never scores, and the champion before it does', async () => {
    const good = await crown(onnxOf(COLUMNS, 0.1), 1, null);
    await crown(onnxOf(COLUMNS + 1, 0.1), 2, good);
    await follower.catchUp();
    expect(await scoreBatch(closed, follower.champion(), scorer)).toMatchObject({ snapshotVersion: good });
  });

  it('is of another width and the only one: the stream goes on without a champion', async () => {
    await crown(onnxOf(COLUMNS + 1, 0.1), 1, null);
    await follower.catchUp();
    expect(await scoreBatch(closed, follower.champion(), scorer)).toMatchObject({ snapshotVersion: NO_SNAPSHOT });
  });

  it.each([
    ['answers NaN', onnxOf(COLUMNS, NaN), /NaN on \d+ of \d+ rows, which is not a probability: .*fill them in/],
    ['is of another width', onnxOf(COLUMNS + 1, 0.1), /takes 3 columns, the feature set has 2: train it on/],
    ['is no model', Uint8Array.of(1, 2, 3), /cannot load/],
  ])('%s: it is refused before anyone sees it, with the remedy', async (_, onnx, why) => {
    const clock = new ManualClock({ skipSleeps: true });
    await expect(tryOut({ loader: onnxModelLoader(), clock }, tried(onnx))).rejects.toThrow(why);
    await expect(tryOut({ loader: onnxModelLoader(), clock }, tried(onnx))).rejects.toMatchObject({
      code: 'model-refused',
    });
  });

  it.each([
    ['takes longer a row than is allowed', 1, /takes 1.00 ms a row, at most 0.2/],
    ['takes an age for a row: a thousand of them are not waited for', 10_000, /takes 10000.00 ms a row/],
  ])('%s: it is refused', async (_, msARow, why) => {
    const clock = new ManualClock({ skipSleeps: true });
    const rowCounts: number[] = [];
    const slow = spoiled((predict) => async (rows, rowCount) => {
      rowCounts.push(rowCount);
      await clock.sleep(rowCount * msARow);
      return predict(rows, rowCount);
    });
    await expect(tryOut({ loader: slow, clock }, tried(onnxOf(COLUMNS, 0.1)))).rejects.toThrow(why);
    expect(Math.max(...rowCounts)).toBe(msARow > 1 ? 4 : 1_000);
    await expect(
      tryOut({ loader: slow, clock }, { ...tried(onnxOf(COLUMNS, 0.1)), mostMsARow: 10_000 }),
    ).resolves.toMatchObject({ memberCount: 1, msARow });
  });

  it.each([
    ['answers by chance', (_: number, turn: number) => 0.3 + 0.01 * turn, /differently the second time/],
    ['answers by its batch', (rowCount: number) => 1 / (1 + rowCount), /differently alone than among others/],
    ['answers log-odds', () => 1.5, /1.5, which is not a probability: .*--output-kind logit/],
  ])('%s: it is refused', async (_, answer, why) => {
    const clock = new ManualClock({ skipSleeps: true });
    let turn = 0;
    const odd = spoiled(() => (_rows, rowCount) => {
      const probability = new Float32Array(rowCount).fill(answer(rowCount, turn++));
      return Promise.resolve({ probability, members: probability });
    });
    await expect(tryOut({ loader: odd, clock }, tried(onnxOf(COLUMNS, 0.1)))).rejects.toThrow(why);
  });

  it('is tried on the rows of the stream, too', async () => {
    const clock = new ManualClock({ skipSleeps: true });
    const odd = spoiled(
      (predict) => async (rows, rowCount) =>
        rows.includes(42) ? Promise.reject(new Error('no such category')) : predict(rows, rowCount),
    );
    const given = tried(onnxOf(COLUMNS, 0.1));
    await expect(tryOut({ loader: odd, clock }, given)).resolves.toMatchObject({ memberCount: 1 });
    await expect(tryOut({ loader: odd, clock }, { ...given, rows: Float32Array.of(1, 42) })).rejects.toThrow(
      /cannot score a row \(no such category\)/,
    );
  });

  it.each([
    ['answers NaN', onnxOf(COLUMNS, NaN)],
    ['is of another width', onnxOf(COLUMNS + 1, 0.1)],
  ])('%s as champion: a candidate is judged against the base rate, and says so', async (_, onnx) => {
    const champion = await onnxModelLoader().load(onnx, 'bad', FEATURE_SET);
    const candidate = await onnxModelLoader().load(onnxOf(COLUMNS, 0.4), 'candidate', FEATURE_SET);
    const contest = {
      candidate,
      champion,
      audit,
      fallback: () => audit,
      baseRate: 0.001,
      policy: 'not-worse',
      guards: configOf().retrain.guards,
    } as const;
    const { decision, champion: ofChampion } = await judge(contest);
    await Promise.all([champion.close(), candidate.close()]);
    expect(ofChampion).toBeNull();
    expect(decision.reason).toMatch(/the champion fails|predicts/);
  });
});

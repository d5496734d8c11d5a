import { growTree } from '../../../src/adapters/forest/grow-tree.js';
import { learnersWith } from '../../../src/learn/learners/index.js';
import { describe, expect, it } from 'vitest';
import { predictWith, seededRandom } from '../../../src/learn/learners/index.js';
import type { TrainingRows } from '../../../src/ports/trainer.js';
import { clickRows, sliceRows } from '../../../src/lab/laws/click-rows.js';
import { aucOf, calibrationOf, normalisedEntropyOf } from '../../../src/lab/laws/judge.js';
import { pythonWith, runPython } from './python.js';

const python = pythonWith('lightgbm', 'numpy');
const all = clickRows(60_000, 60, 21, -1.8);
const train = sliceRows(all, 0, 20_000);
const judge = sliceRows(all, 20_000, 60_000);

const learners = learnersWith(growTree);

const SCRIPT = `
import numpy as np, lightgbm as lgb, time
f = lambda name: np.fromfile(name, dtype=np.float32)
X, Z = f("train.f32").reshape(-1, 60), f("judge.f32").reshape(-1, 60)
y, o, w = np.fromfile("labels.u8", dtype=np.uint8), f("offsets.f32"), f("weights.f32")
w = w / w.mean()
sigmoid = lambda z: 1 / (1 + np.exp(-z))
b = 0.0
for _ in range(50):
    p = sigmoid(b + o)
    b -= np.sum(w * (p - y)) / np.sum(w * p * (1 - p))
total = 0
started = time.perf_counter()
for seed in range(3):
    booster = lgb.train(dict(objective="binary", learning_rate=0.08, num_leaves=15, min_data_in_leaf=10, lambda_l2=20.0,
        feature_fraction=0.6, bagging_fraction=0.8, bagging_freq=1, seed=seed, verbosity=-1, num_threads=1,
        boost_from_average=False, deterministic=True, force_row_wise=True),
        lgb.Dataset(X, label=y, weight=w, init_score=o + b), num_boost_round=150)
    total = total + sigmoid(booster.predict(Z, raw_score=True) + b)
elapsed = time.perf_counter() - started
(total / 3).astype(np.float32).tofile("probability.f32")
np.float32([elapsed * 1000]).tofile("ms.f32")
`;

/** Keeps all clicks and a quarter of the rest. */
function thinned(by: 'weights' | 'offsets'): TrainingRows {
  const random = seededRandom(4);
  const kept = Array.from(train.labels.keys()).filter((i) => train.labels[i] === 1 || random() < 0.25);
  const rows = new Float32Array(kept.length * 60);
  kept.forEach((from, to) => rows.set(train.rows.subarray(from * 60, (from + 1) * 60), to * 60));
  return {
    rows,
    rowCount: kept.length,
    columnCount: 60,
    labels: Uint8Array.from(kept, (i) => train.labels[i]!),
    weights: Float32Array.from(kept, (i) => (by === 'weights' && train.labels[i] === 0 ? 4 : 1)),
    offsets: new Float32Array(kept.length).fill(by === 'offsets' ? Math.log(4) : 0),
  };
}

describe.skipIf(!python)('boosting against LightGBM, same rows and settings, mean of three seeds', () => {
  it.each([
    ['all rows', train],
    ['thinned rows with weights', thinned('weights')],
    ['thinned rows with log-odds offsets', thinned('offsets')],
  ])('%s: AUC within .002 and normalised entropy within 1 %', (name, rows) => {
    const files = {
      'train.f32': rows.rows,
      'judge.f32': judge.rows,
      'labels.u8': rows.labels,
      'offsets.f32': rows.offsets,
      'weights.f32': rows.weights,
    };
    const outputs = runPython(python!, SCRIPT, files, ['probability.f32', 'ms.f32']);
    const theirs = outputs['probability.f32']!;
    const ours = new Float64Array(judge.rowCount);
    const startedMs = performance.now();
    const fits = [0, 1, 2].map((seed) => learners.boosting(rows, { seed, settings: {} }));
    const fitMs = performance.now() - startedMs;
    for (const { predictor } of fits)
      predictWith(predictor, judge.rows, judge.rowCount).probability.forEach((p, i) => (ours[i]! += p / 3));
    const figures = (p: ArrayLike<number>) =>
      [aucOf(p, judge.labels), normalisedEntropyOf(p, judge.labels), calibrationOf(p, judge.labels)] as const;
    const [auc, entropy, calibration] = figures(ours);
    const [theirAuc, theirEntropy, theirCalibration] = figures(theirs);
    process.stderr.write(
      `${name}: AUC ${auc.toFixed(4)} / ${theirAuc.toFixed(4)}, NE ${entropy.toFixed(4)} / ${theirEntropy.toFixed(4)}, ` +
        `calibration ${calibration.toFixed(3)} / ${theirCalibration.toFixed(3)}, ` +
        `fit ${(fitMs / 3).toFixed(0)} / ${(outputs['ms.f32']![0]! / 3).toFixed(0)} ms (Sluice / LightGBM, one thread)\n`,
    );
    expect(auc).toBeGreaterThan(theirAuc - 0.002);
    expect(entropy).toBeLessThan(theirEntropy * 1.01);
    expect(Math.abs(calibration - theirCalibration)).toBeLessThan(0.02);
  });
});

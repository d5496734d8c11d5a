import { LEARNER_NAMES } from '../../src/learn/learners/index.js';
import { afterEach, describe, expect, test } from 'vitest';
import { onnxModelLoader } from '../../src/adapters/onnx/model.js';
import { bench, type Bench } from './fakes.js';
import { realTrainer } from './real-trainer.js';
import { clickStream } from './stream.js';

let on: Bench;
afterEach(() => on.close());

describe('from topics to a scoring champion with real learners and onnxruntime', () => {
  test.each(LEARNER_NAMES)('%s, fitted on curated rows, is calibrated on uniform ones', async (learner) => {
    on = await bench({ retrain: { learner, forest: { trees: 20 } } });
    const { learner: slow, follower } = on.start({ trainer: realTrainer(), loader: onnxModelLoader() });
    const { training, audit } = clickStream(40_000, 31);
    await on.append('training', training);
    await on.append('audit', audit);
    const report = await slow.run(40_000);
    expect(report?.promoted).toBe(true);
    const { overall } = report!.manifest.metrics.candidate!;
    expect(Math.abs(overall.calibration! - 1)).toBeLessThan(0.1 + 4 / Math.sqrt(overall.positiveCount));
    expect(overall.normalisedEntropy).toBeLessThan(0.92);
    const { probability } = await follower.champion()!.predict(Float32Array.of(-2, 2), 2);
    expect(probability[1]).toBeGreaterThan(probability[0]!);
  });
});

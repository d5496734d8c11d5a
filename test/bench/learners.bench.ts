/**
 * Scenario `learners-20000x60`: fit times and scoring rates of every learner on the same click-like rows (seed 1), in this
 * thread, one core. The rival to boosting, LightGBM, is timed beside it by `test/learn/learners/against-lightgbm.long.test.ts`.
 * Run alone: `npx vitest bench --run test/bench/learners.bench.ts`.
 */
import { bench, describe } from 'vitest';
import { growTree } from '../../src/adapters/forest/grow-tree.js';
import { onnxModelLoader } from '../../src/adapters/onnx/model.js';
import { predictorGraph, writeOnnx } from '../../src/adapters/onnx/writer/index.js';
import { LEARNER_NAMES, learnersWith } from '../../src/learn/learners/index.js';
import { clickRows } from '../../src/lab/laws/click-rows.js';

const training = clickRows(20_000, 60, 1, -2.2);
const learners = learnersWith(growTree);
const context = { seed: 1, settings: {} };

describe('fit 20,000 rows × 60 columns', () => {
  for (const name of LEARNER_NAMES)
    bench(name, () => void learners[name](training, context), {
      iterations: 3,
      time: 0,
      warmupIterations: 0,
      warmupTime: 0,
    });
});

describe('score 20,000 rows × 60 columns', async () => {
  for (const name of LEARNER_NAMES) {
    const onnx = writeOnnx(predictorGraph(learners[name](training, context).predictor));
    const model = await onnxModelLoader().load(onnx, name, 'bench');
    bench(`${name}, ${onnx.length} bytes`, async () => void (await model.predict(training.rows, training.rowCount)), {
      iterations: 10,
      time: 0,
    });
  }
});

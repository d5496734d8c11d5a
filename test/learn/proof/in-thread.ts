import { growTree } from '../../../src/adapters/forest/grow-tree.js';
import { learnersWith } from '../../../src/learn/learners/index.js';
import { predictWith } from '../../../src/learn/learners/predict-with.js';
import type { Predictor } from '../../../src/ports/learner.js';
import type { Model, ModelLoader } from '../../../src/ports/model.js';
import type { FitRequest, Trainer } from '../../../src/ports/trainer.js';

const learners = learnersWith(growTree);

/** The real linear learner whatever learner is asked for, in this thread and without files. Keeps its requests. */
export function inThread() {
  const seen: FitRequest[] = [];
  const predictors: Predictor[] = [];
  const trainer: Trainer = {
    async fit(request) {
      seen.push(request);
      const { predictor, gain } = learners.linear(request.training, {
        seed: request.seed,
        settings: { tolerance: 1e-4 },
      });
      predictors.push(predictor);
      return { onnx: Uint8Array.of(predictors.length - 1), memberCount: 1, gain, fitMs: 0 };
    },
    async close() {},
  };
  const loader: ModelLoader = {
    async load(onnx, snapshotVersion, featureSetId): Promise<Model> {
      const predictor = predictors[onnx[0]!]!;
      return {
        snapshotVersion,
        featureSetId,
        memberCount: 1,
        predict: async (rows, rowCount) => predictWith(predictor, rows, rowCount),
        close: async () => undefined,
      };
    },
  };
  return { trainer, loader, seen };
}

import { linearLearner } from '../../../src/learn/learners/linear.js';
import { scoreRows } from '../../../src/learn/learners/score-rows.js';
import type { Scorer } from '../../../src/ports/learner.js';
import type { Model, ModelLoader } from '../../../src/ports/model.js';
import type { FitRequest, Trainer } from '../../../src/ports/trainer.js';

/** The real linear learner whatever learner is asked for, in this thread and without files. Keeps its requests. */
export function inThread() {
  const seen: FitRequest[] = [];
  const scorers: Scorer[] = [];
  const trainer: Trainer = {
    async fit(request) {
      seen.push(request);
      const { scorer, gain } = linearLearner(request.training, { seed: request.seed, settings: { tolerance: 1e-4 } });
      scorers.push(scorer);
      return { onnx: Uint8Array.of(scorers.length - 1), memberCount: 1, gain, fitMs: 0 };
    },
    async close() {},
  };
  const loader: ModelLoader = {
    async load(onnx, snapshotVersion, featureSetId): Promise<Model> {
      const scorer = scorers[onnx[0]!]!;
      return {
        snapshotVersion,
        featureSetId,
        memberCount: 1,
        predict: async (rows, rowCount) => scoreRows(scorer, rows, rowCount),
        close: async () => undefined,
      };
    },
  };
  return { trainer, loader, seen };
}

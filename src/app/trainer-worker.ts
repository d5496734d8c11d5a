import { growTree } from '../adapters/forest/grow-tree.js';
import { scorerGraph, writeOnnx } from '../adapters/onnx/writer/index.js';
import { systemClock } from '../adapters/system/index.js';
import { serve, Transferred } from '../adapters/threads/serve.js';
import { learnersWith } from '../learn/learners/index.js';
import type { FitRequest, FittedModel } from '../ports/trainer.js';

/** Entry of the trainer's worker threads: wires the learners to the forest library and the ONNX writer. */
const learners = learnersWith(growTree);

serve((request: FitRequest) => {
  const startedMs = systemClock.monotonicMs();
  const { scorer, gain } = learners[request.learner](request.training, {
    seed: request.seed,
    settings: request.settings,
  });
  const onnx = writeOnnx(scorerGraph(scorer));
  const fitted: FittedModel = {
    onnx,
    memberCount: scorer.memberCount,
    gain,
    fitMs: systemClock.monotonicMs() - startedMs,
  };
  return new Transferred(fitted, [onnx.buffer as ArrayBuffer]);
});

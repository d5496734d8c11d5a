import { growTree } from '../adapters/forest/grow-tree.js';
import { calibratedOnnx } from '../adapters/onnx/calibrated-onnx.js';
import { predictorGraph, writeOnnx } from '../adapters/onnx/writer/index.js';
import { systemClock } from '../adapters/system/index.js';
import { serve, Transferred } from '../adapters/threads/serve.js';
import type { TrainerAsk } from '../adapters/threads/trainer.js';
import { fitPlatt } from '../learn/calibrate/platt.js';
import { learnersWith, type LearnerName } from '../learn/learners/index.js';
import { membersOut } from '../ports/learner.js';
import type { CalibratedModel, CalibrationRequest, FitRequest, FittedModel } from '../ports/trainer.js';

/** Entry of the trainer's worker threads: wires the learners to the forest library and the ONNX writer. */
const learners = learnersWith(growTree);

serve((ask: TrainerAsk): Transferred<FittedModel | CalibratedModel> | null =>
  ask.kind === 'fit' ? fitted(ask.request) : calibrated(ask.request),
);

function fitted(request: FitRequest): Transferred<FittedModel> {
  const startedMs = systemClock.monotonicMs();
  const { predictor, gain } = learners[request.learner as LearnerName](request.training, {
    seed: request.seed,
    settings: request.settings,
    folds: request.folds,
  });
  const onnx = writeOnnx(predictorGraph(predictor));
  const model = { onnx, memberCount: membersOut(predictor), gain, fitMs: systemClock.monotonicMs() - startedMs };
  return new Transferred(model, [onnx.buffer as ArrayBuffer]);
}

function calibrated(request: CalibrationRequest): Transferred<CalibratedModel> | null {
  const recalibration = fitPlatt(request);
  const onnx = recalibration && calibratedOnnx(request, recalibration);
  return onnx ? new Transferred({ ...recalibration, onnx }, [onnx.buffer as ArrayBuffer]) : null;
}

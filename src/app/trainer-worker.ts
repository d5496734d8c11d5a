/** Entry of the trainer's worker threads: wires the learners, those of plugins too, to the forest library and the ONNX writer. */
import { growTree } from '../adapters/forest/grow-tree.js';
import { calibratedOnnx } from '../adapters/onnx/calibrated-onnx.js';
import { predictorGraph, writeOnnx } from '../adapters/onnx/writer/index.js';
import { systemClock } from '../adapters/system/index.js';
import { openedWith, serve, Transferred } from '../adapters/threads/serve.js';
import type { TrainerAsk } from '../adapters/threads/trainer.js';
import { fitPlatt } from '../learn/calibrate/platt.js';
import { learnersWith } from '../learn/learners/index.js';
import type { OwnName } from '../events/own-name.js';
import type { LearnerName } from '../learn/learners/index.js';
import { loadOwnCode, type PluginChoice } from '../own/index.js';
import { membersOut } from '../ports/learner.js';
import type { CalibratedModel, CalibrationRequest, FitRequest, FittedModel } from '../ports/trainer.js';

serve(answering());

async function answering() {
  const plugins = openedWith<PluginChoice | null>();
  const learners = learnersWith(growTree, plugins ? (await loadOwnCode(plugins)).learners : undefined);
  return (ask: TrainerAsk): Transferred<FittedModel | CalibratedModel> | null =>
    ask.kind === 'fit' ? fitted(learners, ask.request) : calibrated(ask.request);
}

function fitted(learners: ReturnType<typeof learnersWith>, request: FitRequest): Transferred<FittedModel> {
  const startedMs = systemClock.monotonicMs();
  const fit = learners[request.learner as LearnerName | OwnName]!;
  const { predictor, gain } = fit(request.training, {
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

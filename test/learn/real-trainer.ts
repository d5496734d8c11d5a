import { growTree } from '../../src/adapters/forest/grow-tree.js';
import { calibratedOnnx } from '../../src/adapters/onnx/calibrated-onnx.js';
import { predictorGraph, writeOnnx } from '../../src/adapters/onnx/writer/index.js';
import { fitPlatt } from '../../src/learn/calibrate/platt.js';
import { learnersWith, type LearnerName } from '../../src/learn/learners/index.js';
import type { FitRequest, Trainer } from '../../src/ports/trainer.js';

/**
 * The real learners, calibration and ONNX writer, in this thread.
 * @param spoil what is done to a request before the fit
 */
export function realTrainer(spoil: (request: FitRequest) => FitRequest = (request) => request): Required<Trainer> {
  const learners = learnersWith(growTree);
  return {
    async fit(request) {
      const { learner, training, seed, settings } = spoil(request);
      const { predictor, gain } = learners[learner as LearnerName](training, { seed, settings });
      return { onnx: writeOnnx(predictorGraph(predictor)), memberCount: predictor.memberCount, gain, fitMs: 0 };
    },
    async calibrate(request) {
      const recalibration = fitPlatt(request);
      const onnx = recalibration && calibratedOnnx(request, recalibration);
      return onnx ? { ...recalibration, onnx } : null;
    },
    async close() {},
  };
}

import type { ModelMetrics } from '../../snapshot/manifest.js';
import { auc } from './auc.js';
import { calibration, expectedCalibrationError } from './calibration.js';
import { finiteOrNull } from './finite.js';
import { positivesOf } from './labels.js';
import { logLosses, mean, normalisedEntropy } from './log-loss.js';
import { atThreshold } from './threshold.js';

/** Predictions beside what happened, one entry a sample, oldest first. */
export interface Judged {
  readonly probabilities: Float32Array;
  /** 0 or 1. */
  readonly labels: Uint8Array;
}

/**
 * All metrics of one model on one set of samples. `later` is the part that the threshold was not chosen on: the decision
 * metrics use it alone, the others use `all`. Undefined ones are null, since NaN has no JSON.
 */
export function modelMetrics(all: Judged, later: Judged, threshold: number): ModelMetrics {
  const { probabilities, labels } = all;
  const decisions = atThreshold(later.probabilities, later.labels, threshold);
  const decided = (value: number) => (Number.isNaN(threshold) ? null : finiteOrNull(value));
  return {
    sampleCount: labels.length,
    positiveCount: positivesOf(labels),
    logLoss: finiteOrNull(mean(logLosses(probabilities, labels))),
    normalisedEntropy: finiteOrNull(normalisedEntropy(probabilities, labels)),
    auc: finiteOrNull(auc(probabilities, labels)),
    calibration: finiteOrNull(calibration(probabilities, labels)),
    expectedCalibrationError: finiteOrNull(expectedCalibrationError(probabilities, labels)),
    threshold: finiteOrNull(threshold),
    accuracy: decided(decisions.accuracy),
    precision: decided(decisions.precision),
    recall: decided(decisions.recall),
    f1: decided(decisions.f1),
  };
}

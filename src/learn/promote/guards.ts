import type { Config } from '../../config/schema.js';
import type { Evaluation } from '../../snapshot/manifest.js';
import { aucDifference } from '../proof/delong.js';
import { Z_95 } from './paired-bound.js';

/** Candidate and champion on the same audit samples. */
export interface GuardCase {
  readonly guards: Config['retrain']['guards'];
  readonly labels: Uint8Array;
  /** What the candidate predicts for each sample. */
  readonly predicted: Float32Array;
  /** What the champion predicts; undefined without one, or for one that fails. */
  readonly present: Float32Array | undefined;
  readonly ofCandidate: Evaluation;
  readonly ofChampion: Evaluation | null;
}

/** Positives, and negatives, below which the normal approximation behind both guards is too sure of itself. */
const LEAST_OF_EACH = 30;

/**
 * Why a candidate must not take the champion's place although its log loss allows it; undefined when nothing speaks against it. It is
 * kept out when its AUC is lower than the champion's by more than `guards.aucLoss` beyond chance (DeLong, one-sided 95 %),
 * and when its calibration is further from 1 than a factor of `guards.calibration` beyond chance (1.645 / √positives) and
 * further than the champion's. Below
 * 30 positives or negatives nothing is said, and the first champion has only the base rate to beat.
 */
export function guardOf({
  guards,
  labels,
  predicted,
  present,
  ofCandidate,
  ofChampion,
}: GuardCase): string | undefined {
  const { calibration, positiveCount, sampleCount } = ofCandidate.overall;
  if (!present || Math.min(positiveCount, sampleCount - positiveCount) < LEAST_OF_EACH) return undefined;
  const { aucs, difference, variance } = aucDifference(predicted, present, labels);
  if (difference + Z_95 * Math.sqrt(variance) < -guards.aucLoss)
    return `its AUC is ${aucs[0].toFixed(4)}, the champion's ${aucs[1].toFixed(4)}`;
  if (calibration === null) return undefined;
  const distance = Math.abs(Math.log(calibration));
  const isFar = distance - Z_95 / Math.sqrt(positiveCount) > Math.log(guards.calibration);
  const champions = Math.abs(Math.log(ofChampion?.overall.calibration ?? 1));
  return isFar && distance > champions
    ? `it predicts ${calibration.toFixed(2)} times the positives that there were, the champion ${(ofChampion?.overall.calibration ?? 1).toFixed(2)}`
    : undefined;
}

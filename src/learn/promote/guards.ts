import type { Evaluation } from '../../snapshot/manifest.js';
import { aucDifference } from '../proof/delong.js';
import type { OrderedRows } from '../reservoir/row-slab.js';
import { Z_95 } from './paired-bound.js';

/** Candidate and champion on the same audit samples. */
export interface GuardCase {
  readonly audit: Pick<OrderedRows, 'labels'>;
  readonly predicted: Float32Array;
  readonly present: Float32Array | undefined;
  readonly ofCandidate: Evaluation;
  readonly ofChampion: Evaluation | null;
}

/** Σp̂ / Σy may be this far from 1, either way, beyond what chance explains. */
const MOST_MISCALIBRATION = 1.25;

/**
 * Why a candidate must not be promoted although its log loss allows it; undefined when nothing speaks against it. It keeps
 * one whose AUC is significantly below the champion's (one-sided 95 %, DeLong), and one whose calibration is further than
 * a factor of 1.25 from 1, chance (1.645 / √positives) taken off, and further than the champion's.
 */
export function guardOf({ audit, predicted, present, ofCandidate, ofChampion }: GuardCase): string | undefined {
  if (present) {
    const { aucs, difference, variance } = aucDifference(predicted, present, audit.labels);
    if (difference + Z_95 * Math.sqrt(variance) < 0)
      return `its AUC is ${aucs[0].toFixed(4)}, significantly below ${aucs[1].toFixed(4)} of the champion`;
  }
  const { calibration, positiveCount } = ofCandidate.overall;
  if (calibration === null) return undefined;
  const distance = Math.abs(Math.log(calibration));
  const isFar = distance - Z_95 / Math.sqrt(positiveCount) > Math.log(MOST_MISCALIBRATION);
  const champions = ofChampion?.overall.calibration ?? null;
  return isFar && (champions === null || distance > Math.abs(Math.log(champions)))
    ? `it predicts ${calibration.toFixed(2)} times the positives that there were`
    : undefined;
}

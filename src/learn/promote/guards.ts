import { SURFACES, type Surface } from '../../events/words.js';
import type { Config } from '../../config/schema.js';
import type { Evaluation, ModelMetrics } from '../../snapshot/manifest.js';
import { aucDifference } from '../proof/delong.js';
import { Z_95 } from './paired-bound.js';

/** Candidate and champion on the same audit samples. */
export interface GuardCase {
  readonly guards: Config['retrain']['guards'];
  readonly labels: Uint8Array;
  /** Index of each sample's surface in `SURFACES`. */
  readonly surfaces: Uint8Array;
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
 * Why a candidate must not become champion although its log loss allows it; undefined when nothing speaks against it. Over all
 * samples and on each surface alone it is kept out
 * - when its AUC is lower than the champion's by more than `guards.aucLoss` beyond chance (DeLong, one-sided 95 %), and
 * - when its calibration is further from 1 than a factor of `guards.calibration` beyond chance (1.645 / √positives), and, where
 *   there is a champion, further than the champion's. The first champion is held to the same band: nothing comes after it to correct it.
 * Where there are fewer than 30 positives or negatives, nothing is said.
 */
export function guardOf(given: GuardCase): string | undefined {
  const { ofCandidate, ofChampion } = given;
  const overall = guardOfPart(given, ofCandidate.overall, ofChampion?.overall);
  if (overall !== undefined) return overall;
  const shown = SURFACES.filter((surface) => ofCandidate.surfaces[surface] !== undefined);
  if (shown.length < 2) return undefined;
  for (const surface of shown) {
    const reason = guardOfPart(only(given, surface), ofCandidate.surfaces[surface]!, ofChampion?.surfaces[surface]);
    if (reason !== undefined) return `on ${surface} ${reason}`;
  }
  return undefined;
}

type Part = Pick<GuardCase, 'guards' | 'labels' | 'predicted' | 'present'>;

function guardOfPart(
  { guards, labels, predicted, present }: Part,
  { calibration, positiveCount, sampleCount }: ModelMetrics,
  ofChampion: ModelMetrics | undefined,
): string | undefined {
  if (Math.min(positiveCount, sampleCount - positiveCount) < LEAST_OF_EACH) return undefined;
  if (present) {
    const { aucs, difference, variance } = aucDifference(predicted, present, labels);
    if (difference + Z_95 * Math.sqrt(variance) < -guards.aucLoss)
      return `its AUC is ${aucs[0].toFixed(4)}, the champion's ${aucs[1].toFixed(4)}`;
  }
  if (calibration === null) return undefined;
  const distance = Math.abs(Math.log(calibration));
  const isFar = distance - Z_95 / Math.sqrt(positiveCount) > Math.log(guards.calibration);
  if (!isFar) return undefined;
  const said = `it predicts ${calibration.toFixed(2)} times the positives that there were (${positiveCount})`;
  if (!present) return `${said}, and retrain.guards.calibration allows a factor of ${guards.calibration}`;
  const champions = ofChampion?.calibration ?? 1;
  return distance > Math.abs(Math.log(champions)) ? `${said}, the champion ${champions.toFixed(2)}` : undefined;
}

function only({ guards, labels, surfaces, predicted, present }: GuardCase, surface: Surface): Part {
  const code = SURFACES.indexOf(surface);
  const isThere = (_: number, i: number): boolean => surfaces[i] === code;
  return {
    guards,
    labels: labels.filter(isThere),
    predicted: predicted.filter(isThere),
    present: present?.filter(isThere),
  };
}

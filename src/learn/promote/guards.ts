import { SURFACES, type Surface } from '../../events/words.js';
import type { Config } from '../../config/schema.js';
import { positivesOf } from '../metrics/labels.js';
import { aucDifference } from '../proof/delong.js';
import { countBounds } from './count-bounds.js';
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
}

/** Positives, and negatives, below which the normal approximation of an AUC is too sure of itself. */
const LEAST_OF_EACH = 30;

/**
 * Why a candidate must not become champion although its log loss allows it; undefined when nothing speaks against it. Over all
 * samples and on each surface alone it is kept out
 * - when its AUC is lower than the champion's by more than `guards.aucLoss` beyond chance (DeLong, one-sided 95 %), where there
 *   are 30 positives and negatives, and
 * - when it predicts more or fewer positives than there were by a factor of more than `guards.calibration` beyond chance
 *   (one-sided 95 % bounds of a count, see {@link countBounds}, hence on however few), and, where there is a champion, is
 *   further off than that. The first champion is held to the same band: nothing comes after it to correct it.
 */
export function guardOf(given: GuardCase): string | undefined {
  const overall = guardOfPart(given);
  if (overall !== undefined) return overall;
  const shown = SURFACES.filter((_, code) => given.surfaces.includes(code));
  if (shown.length < 2) return undefined;
  for (const surface of shown) {
    const reason = guardOfPart(only(given, surface));
    if (reason !== undefined) return `on ${surface} ${reason}`;
  }
  return undefined;
}

type Part = Pick<GuardCase, 'guards' | 'labels' | 'predicted' | 'present'>;

function guardOfPart(part: Part): string | undefined {
  return orderGuard(part) ?? calibrationGuard(part);
}

function orderGuard({ guards, labels, predicted, present }: Part): string | undefined {
  const positives = positivesOf(labels);
  if (!present || Math.min(positives, labels.length - positives) < LEAST_OF_EACH) return undefined;
  const { aucs, difference, variance } = aucDifference(predicted, present, labels);
  return difference + Z_95 * Math.sqrt(variance) < -guards.aucLoss
    ? `its AUC is ${aucs[0].toFixed(4)}, the champion's ${aucs[1].toFixed(4)}`
    : undefined;
}

function calibrationGuard({ guards, labels, predicted, present }: Part): string | undefined {
  const positives = positivesOf(labels);
  const { lower, upper } = countBounds(positives);
  const expected = sumOf(predicted);
  if (expected * guards.calibration >= lower && expected <= upper * guards.calibration) return undefined;
  const timesOf = (count: number): number => count / Math.max(0.5, positives);
  const said =
    positives === 0
      ? `it predicts ${expected.toFixed(1)} positives where there were none`
      : `it predicts ${timesOf(expected).toFixed(2)} times the positives that there were (${positives})`;
  if (!present) return `${said}, and retrain.guards.calibration allows a factor of ${guards.calibration}`;
  const champions = timesOf(sumOf(present));
  const isFurther = Math.abs(Math.log(timesOf(expected))) > Math.abs(Math.log(champions));
  return isFurther ? `${said}, the champion ${champions.toFixed(2)}` : undefined;
}

function sumOf(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0);
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

import { shifted } from '../../events/shifted.js';
import type { CalibrationRequest, Recalibration } from '../../ports/trainer.js';
import { logit, sigmoid } from '../learners/intercept.js';
import { PROBABILITY_FLOOR } from '../metrics/log-loss.js';

/** The prior holds the predictions as they are with the evidence of this many positives: few positives change little. */
export const PRIOR_POSITIVES = 100;

/** A line flatter than this turns a ranking into noise, or around: not what a calibration is for. */
const LEAST_SLOPE = 0.1;
const MOST_STEPS = 50;

/**
 * Fits slope a and intercept b so that the mean over members of σ(a·z + b), z a member's log-odds, is the most probable
 * given the labels and a normal prior around a = 1, b = 0. One pair for all members: the probability stays their mean, and
 * a pair each would spend the same few positives many times over. The line is turned around the mean log-odds of the
 * information, where shift and slope say nothing of one another, so that the prior holds the mean prediction and not the
 * value at log-odds 0, far from any click rate. Fisher scoring, each step halved until the fit is better.
 * Returns undefined when nothing is to be learned from the rows (one class only, predictions that are no probabilities) or
 * when the slope would fall below .1.
 * Source: Platt 1999, Probabilistic Outputs for Support Vector Machines; the prior in place of his smoothed targets.
 */
export function fitPlatt({
  members,
  memberCount,
  labels,
  offsets,
}: Pick<CalibrationRequest, 'members' | 'memberCount' | 'labels' | 'offsets'>): Recalibration | undefined {
  if (!labels.includes(0) || !labels.includes(1) || !members.every((p) => p >= 0 && p <= 1)) return undefined;
  const z = logOdds(members);
  const centre = centreOf(z, memberCount);
  let line = { shift: 0, tilt: 0 };
  const given = { labels, offsets };
  let now = pass(z, memberCount, given, centre, line);
  for (let step = 0; step < MOST_STEPS; step++) {
    const { gradient, information } = now;
    const determinant = information[0] * information[2] - information[1] ** 2;
    const shift = (information[2] * gradient[0] - information[1] * gradient[1]) / determinant;
    const tilt = (information[0] * gradient[1] - information[1] * gradient[0]) / determinant;
    let part = 1;
    let next = line;
    let then = now;
    for (; part > 1e-6; part /= 2) {
      next = { shift: line.shift + part * shift, tilt: line.tilt + part * tilt };
      then = pass(z, memberCount, given, centre, next);
      if (then.loss <= now.loss) break;
    }
    if (!(then.loss <= now.loss)) break;
    line = next;
    now = then;
    if (Math.abs(part * shift) + Math.abs(part * tilt) < 1e-9) break;
  }
  const slope = 1 + line.tilt;
  return slope >= LEAST_SLOPE ? { slope, intercept: line.shift - line.tilt * centre } : undefined;
}

function logOdds(members: Float32Array): Float64Array {
  return Float64Array.from(members, (p) => logit(Math.min(1 - PROBABILITY_FLOOR, Math.max(PROBABILITY_FLOOR, p))));
}

/** Where shift and tilt are independent at the identity: the mean log-odds, each weighted by what its row can tell. */
function centreOf(z: Float64Array, memberCount: number): number {
  let sum = 0;
  let weight = 0;
  for (let from = 0; from < z.length; from += memberCount) {
    let p = 0;
    let spread = 0;
    let spreadZ = 0;
    for (let k = from; k < from + memberCount; k++) {
      const own = sigmoid(z[k]!);
      p += own / memberCount;
      spread += (own * (1 - own)) / memberCount;
      spreadZ += (own * (1 - own) * z[k]!) / memberCount;
    }
    sum += (spread * spreadZ) / (p * (1 - p));
    weight += spread ** 2 / (p * (1 - p));
  }
  return sum / weight;
}

interface Pass {
  /** −log posterior but for a constant. */
  readonly loss: number;
  readonly gradient: readonly [shift: number, tilt: number];
  /** Expected information: shift², shift·tilt, tilt². */
  readonly information: readonly [number, number, number];
}

function pass(
  z: Float64Array,
  memberCount: number,
  { labels, offsets }: Pick<CalibrationRequest, 'labels' | 'offsets'>,
  centre: number,
  line: { readonly shift: number; readonly tilt: number },
): Pass {
  const { shift, tilt } = line;
  let loss = (PRIOR_POSITIVES / 2) * (shift ** 2 + tilt ** 2);
  let [g0, g1] = [-PRIOR_POSITIVES * shift, -PRIOR_POSITIVES * tilt];
  let [i00, i01, i11] = [PRIOR_POSITIVES, 0, PRIOR_POSITIVES];
  for (let row = 0; row < labels.length; row++) {
    let p = 0;
    let d0 = 0;
    let d1 = 0;
    for (let k = row * memberCount; k < (row + 1) * memberCount; k++) {
      const own = sigmoid(z[k]! + shift + tilt * (z[k]! - centre));
      p += own / memberCount;
      d0 += (own * (1 - own)) / memberCount;
      d1 += (own * (1 - own) * (z[k]! - centre)) / memberCount;
    }
    if (offsets && offsets[row] !== 0) {
      // What an earlier sampling does to the probability, and by the chain rule to its slopes.
      const odds = Math.exp(offsets[row]!);
      const steepness = odds / (1 - p + p * odds) ** 2;
      d0 *= steepness;
      d1 *= steepness;
      p = shifted(p, offsets[row]!);
    }
    const held = Math.min(1 - PROBABILITY_FLOOR, Math.max(PROBABILITY_FLOOR, p));
    const spread = held * (1 - held);
    const gap = labels[row]! - held;
    loss -= labels[row] === 1 ? Math.log(held) : Math.log1p(-held);
    g0 += (gap / spread) * d0;
    g1 += (gap / spread) * d1;
    i00 += (d0 * d0) / spread;
    i01 += (d0 * d1) / spread;
    i11 += (d1 * d1) / spread;
  }
  return { loss, gradient: [g0, g1], information: [i00, i01, i11] };
}

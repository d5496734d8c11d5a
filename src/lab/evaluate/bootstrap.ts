import { seededRandom } from '../../learn/learners/index.js';
import { entropy, logLosses } from '../../learn/metrics/log-loss.js';
import { ascendingOrder } from '../../learn/metrics/sort.js';

/** Metrics of one resample each, in one order for all models, so that differences can be taken pair by pair. */
export interface Resampled {
  readonly auc: readonly number[];
  readonly normalisedEntropy: readonly number[];
  readonly calibration: readonly number[];
}

/** How often each session counts in each resample: resamples × sessions. */
export interface Resamples {
  readonly count: number;
  readonly times: readonly Uint8Array[];
}

/**
 * Draws resamples of whole sessions, since the samples of one session are alike: each session counts a Poisson(1) number of
 * times, which is the bootstrap for many sessions. The same seed gives the same resamples to every model.
 * Source: Hanley & MacGibbon 2006, Creating non-parametric bootstrap samples using Poisson frequencies.
 */
export function drawResamples(sessionCount: number, count: number, seed: number): Resamples {
  const times = Array.from({ length: count }, (_, resample) => {
    const random = seededRandom(seed, resample);
    return Uint8Array.from({ length: sessionCount }, () => poissonOne(random()));
  });
  return { count, times };
}

/** AUC, normalised entropy and calibration of the same predictions under every resample. `sessions` has one entry a row. */
export function resample(
  probabilities: Float32Array,
  labels: Uint8Array,
  sessions: Uint32Array,
  { times }: Resamples,
): Resampled {
  const order = ascendingOrder(probabilities);
  const losses = logLosses(probabilities, labels);
  const each = times.map((timesOfSession) => {
    const weights = Float64Array.from(sessions, (session) => timesOfSession[session]!);
    return { auc: weightedAuc(probabilities, labels, weights, order), ...sums(probabilities, labels, losses, weights) };
  });
  return {
    auc: each.map(({ auc }) => auc),
    normalisedEntropy: each.map(({ normalisedEntropy }) => normalisedEntropy),
    calibration: each.map(({ calibration }) => calibration),
  };
}

function sums(
  probabilities: Float32Array,
  labels: Uint8Array,
  losses: Float64Array,
  weights: Float64Array,
): { normalisedEntropy: number; calibration: number } {
  let total = 0;
  let loss = 0;
  let predicted = 0;
  let positive = 0;
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    total += weight;
    loss += weight * losses[i]!;
    predicted += weight * probabilities[i]!;
    positive += weight * labels[i]!;
  }
  return { normalisedEntropy: loss / total / entropy(positive / total), calibration: predicted / positive };
}

/** Chance that a random positive ranks above a random negative, rows counting `weights` times, ties half. */
export function weightedAuc(
  scores: Float32Array,
  labels: Uint8Array,
  weights: Float64Array,
  order: Uint32Array,
): number {
  let below = 0;
  let wins = 0;
  let positives = 0;
  for (let from = 0; from < order.length;) {
    let to = from;
    let positiveHere = 0;
    let negativeHere = 0;
    for (; to < order.length && scores[order[to]!] === scores[order[from]!]; to++) {
      const row = order[to]!;
      if (labels[row] === 1) positiveHere += weights[row]!;
      else negativeHere += weights[row]!;
    }
    wins += positiveHere * (below + negativeHere / 2);
    positives += positiveHere;
    below += negativeHere;
    from = to;
  }
  return wins / (positives * below);
}

/** A Poisson(1) draw by inversion of a uniform number. */
function poissonOne(u: number): number {
  let k = 0;
  let term = Math.exp(-1);
  for (let sum = term; u > sum && k < 12; sum += term) term /= ++k;
  return k;
}

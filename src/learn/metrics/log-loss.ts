/** Probabilities are held this far from 0 and 1, so that one confident mistake costs 16 nats and not infinity. */
export const PROBABILITY_FLOOR = 1e-7;

/** Log loss of one prediction, nats: −ln of the probability given to what happened. NaN for a probability that is NaN. */
export function logLossOf(probability: number, label: number): number {
  const held = Math.min(1 - PROBABILITY_FLOOR, Math.max(PROBABILITY_FLOOR, probability));
  return label === 1 ? -Math.log(held) : -Math.log1p(-held);
}

/** Log loss of each prediction, nats. `probabilities` and `labels` (0 or 1) have one entry a sample. */
export function logLosses(probabilities: ArrayLike<number>, labels: ArrayLike<number>): Float64Array {
  const losses = new Float64Array(labels.length);
  for (let i = 0; i < losses.length; i++) losses[i] = logLossOf(probabilities[i]!, labels[i]!);
  return losses;
}

/** Mean; NaN of nothing. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Entropy of a coin with this probability, nats; 0 at 0 and 1. */
export function entropy(probability: number): number {
  if (probability <= 0 || probability >= 1) return 0;
  return -probability * Math.log(probability) - (1 - probability) * Math.log1p(-probability);
}

/**
 * Normalised entropy: mean log loss / entropy of the base rate of the same samples, so that 1 is knowing the rate alone.
 * NaN when the samples are of one class. Source: He et al. 2014, Practical Lessons from Predicting Clicks on Ads, §2.1.
 */
export function normalisedEntropy(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  const base = entropy(mean(labels));
  return base === 0 ? Number.NaN : mean(logLosses(probabilities, labels)) / base;
}

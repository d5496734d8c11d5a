import { ascendingOrder } from './sort.js';

/** Calibration: Σp̂ / Σy, 1 when the predictions add up to what happened. NaN without a positive. */
export function calibration(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  let predicted = 0;
  let happened = 0;
  for (let i = 0; i < labels.length; i++) {
    predicted += probabilities[i]!;
    happened += labels[i]!;
  }
  return happened === 0 ? Number.NaN : predicted / happened;
}

/**
 * Expected calibration error: mean of |mean p̂ − mean y| over bins, weighted by their samples. Bins hold about the same
 * number of samples rather than the same span, since click probabilities crowd near 0 and equal spans would make one bin
 * of them all; equal predictions always share a bin, so the order of the samples does not matter. NaN of no samples.
 * Source: Naeini et al. 2015, Obtaining Well Calibrated Probabilities Using Bayesian Binning.
 */
export function expectedCalibrationError(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  binCount = 15,
): number {
  const count = labels.length;
  const order = ascendingOrder(probabilities);
  let error = 0;
  let gap = 0;
  let bin = 1;
  for (let i = 0; i < count; i++) {
    gap += probabilities[order[i]!]! - labels[order[i]!]!;
    const tied = i + 1 < count && probabilities[order[i + 1]!] === probabilities[order[i]!];
    if (tied || i + 1 < (bin * count) / binCount) continue;
    error += Math.abs(gap);
    gap = 0;
    while ((bin * count) / binCount <= i + 1) bin++;
  }
  return error / count;
}

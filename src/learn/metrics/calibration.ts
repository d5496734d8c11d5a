import type { ReliabilityBin } from '../../snapshot/calibration.js';
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

/** Bins of a reliability diagram, and of the error that is read from it. */
const RELIABILITY_BINS = 15;

/**
 * Bins of a reliability diagram, lowest predictions first. Bins hold about the same number of samples rather than the same
 * span, since click probabilities crowd near 0 and equal spans would make one bin of them all; equal predictions always
 * share a bin, so the order of the samples does not matter, and there may be fewer bins than asked for. Empty of no samples.
 * Source: Nguyen & O'Connor 2015, Posterior Calibration and Exploratory Analysis for NLP Models (adaptive binning).
 */
export function reliabilityBins(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  binCount = RELIABILITY_BINS,
): readonly ReliabilityBin[] {
  const count = labels.length;
  const order = ascendingOrder(probabilities);
  const bins: ReliabilityBin[] = [];
  let from = 0;
  let predicted = 0;
  let happened = 0;
  let bin = 1;
  for (let i = 0; i < count; i++) {
    predicted += probabilities[order[i]!]!;
    happened += labels[order[i]!]!;
    const tied = i + 1 < count && probabilities[order[i + 1]!] === probabilities[order[i]!];
    if (tied || i + 1 < (bin * count) / binCount) continue;
    const sampleCount = i + 1 - from;
    bins.push({ sampleCount, meanPrediction: predicted / sampleCount, positiveShare: happened / sampleCount });
    from = i + 1;
    predicted = 0;
    happened = 0;
    while ((bin * count) / binCount <= i + 1) bin++;
  }
  return bins;
}

/**
 * Expected calibration error: Σ_b (n_b / n)·|mean p̂ in b − mean y in b| over bins of equal mass ({@link reliabilityBins}).
 * NaN of no samples. Chance alone lifts it: a model that is exactly right at click rate ρ shows up to about
 * sqrt( 2·ρ·bins / (π·n) ), so compare models on the same samples, and samples of the same size.
 * Sources: Naeini et al. 2015, Obtaining Well Calibrated Probabilities Using Bayesian Binning; Nixon et al. 2019,
 * Measuring Calibration in Deep Learning, on bins of equal mass.
 */
export function expectedCalibrationError(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  binCount = RELIABILITY_BINS,
): number {
  return errorOfBins(reliabilityBins(probabilities, labels, binCount));
}

/** The same from the bins of a diagram. */
function errorOfBins(bins: readonly ReliabilityBin[]): number {
  let error = 0;
  let count = 0;
  for (const { sampleCount, meanPrediction, positiveShare } of bins) {
    error += sampleCount * Math.abs(meanPrediction - positiveShare);
    count += sampleCount;
  }
  return error / count;
}

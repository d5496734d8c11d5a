import type { MetricInterval, MetricIntervals } from '../../snapshot/manifest.js';
import { aucDifference } from '../proof/delong.js';
import { calibration } from './calibration.js';
import { positivesOf } from './labels.js';
import { entropy, logLosses, mean } from './log-loss.js';

/** Two-sided 95 % quantile of the normal distribution. */
const Z = 1.96;

/**
 * 95 % intervals of AUC (DeLong), of normalised entropy (base rate taken as known) and of calibration (1.96 / √positives on
 * the logarithm: how far the number of positives is known). null where the metric is undefined.
 */
export function metricIntervals(probabilities: Float32Array, labels: Uint8Array): MetricIntervals {
  const positives = positivesOf(labels);
  const rate = positives / labels.length;
  const ratio = calibration(probabilities, labels);
  const spread = Math.exp(Z / Math.sqrt(positives));
  return {
    auc: aucInterval(probabilities, labels),
    normalisedEntropy: entropyInterval(logLosses(probabilities, labels), entropy(rate)),
    calibration: intervalOf(ratio / spread, ratio * spread),
  };
}

/** Every score of the second model is the same, so the variance of the difference is that of the first. */
function aucInterval(probabilities: Float32Array, labels: Uint8Array): MetricInterval | null {
  const { aucs, variance } = aucDifference(probabilities, new Float32Array(labels.length), labels);
  const half = Z * Math.sqrt(variance);
  return intervalOf(aucs[0] - half, aucs[0] + half);
}

function entropyInterval(losses: Float64Array, base: number): MetricInterval | null {
  const centre = mean(losses);
  const squares = losses.reduce((sum, loss) => sum + (loss - centre) ** 2, 0);
  const half = Z * Math.sqrt(squares / (losses.length - 1) / losses.length);
  return intervalOf((centre - half) / base, (centre + half) / base);
}

function intervalOf(lower: number, upper: number): MetricInterval | null {
  return Number.isFinite(lower) && Number.isFinite(upper) ? { lower, upper } : null;
}

import { ascendingOrder } from './sort.js';

/** Metrics of the decision "p̂ ≥ threshold". NaN where a denominator is 0. */
export interface ThresholdMetrics {
  readonly accuracy: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/**
 * The threshold that maximises F1 of "p̂ ≥ threshold": one of the predictions, the highest among equals. NaN without a
 * positive. Choose it on other samples than those it is judged on, or F1 flatters itself.
 */
export function thresholdOfBestF1(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  const order = ascendingOrder(probabilities);
  let positiveCount = 0;
  for (let i = 0; i < labels.length; i++) positiveCount += labels[i]!;
  if (positiveCount === 0) return Number.NaN;
  let best = -1;
  let threshold = Number.NaN;
  let hits = 0;
  for (let i = order.length - 1; i >= 0; i--) {
    hits += labels[order[i]!]!;
    const probability = probabilities[order[i]!]!;
    if (i > 0 && probabilities[order[i - 1]!] === probability) continue;
    const f1 = (2 * hits) / (order.length - i + positiveCount);
    if (f1 > best) {
      best = f1;
      threshold = probability;
    }
  }
  return threshold;
}

/** Accuracy, precision, recall and F1 of "p̂ ≥ threshold". */
export function atThreshold(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  threshold: number,
): ThresholdMetrics {
  let truePositives = 0;
  let falsePositives = 0;
  let falseNegatives = 0;
  for (let i = 0; i < labels.length; i++) {
    const said = probabilities[i]! >= threshold;
    if (said && labels[i] === 1) truePositives++;
    else if (said) falsePositives++;
    else if (labels[i] === 1) falseNegatives++;
  }
  return {
    accuracy: (labels.length - falsePositives - falseNegatives) / labels.length,
    precision: truePositives / (truePositives + falsePositives),
    recall: truePositives / (truePositives + falseNegatives),
    f1: (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives),
  };
}

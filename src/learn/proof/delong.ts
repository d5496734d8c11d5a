import { ascendingOrder, endOfTies } from '../metrics/sort.js';

/** Difference of two areas under the ROC curve on the same samples. */
export interface AucDifference {
  readonly aucs: readonly [number, number];
  /** First − second. */
  readonly difference: number;
  /** Of the difference, over the draw of the samples; the models count as given. */
  readonly variance: number;
}

/**
 * Compares the areas under the ROC curve of two scores on the same samples: pairing by the placement of each sample among
 * those of the other class, ties counting half. NaN without two samples of each class.
 * Sources: DeLong et al. 1988, Comparing the Areas under Two or More Correlated ROC Curves; Sun & Xu 2014 for the ranks.
 */
export function aucDifference(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  labels: ArrayLike<number>,
): AucDifference {
  const [a, b] = [placements(first, labels), placements(second, labels)];
  const means: [number, number] = [0, 0];
  let variance = 0;
  for (const label of [1, 0]) {
    let count = 0;
    const sums = { a: 0, b: 0, gap: 0, gapSquared: 0 };
    for (let i = 0; i < labels.length; i++) {
      if (labels[i] !== label) continue;
      const gap = a[i]! - b[i]!;
      count++;
      sums.a += a[i]!;
      sums.b += b[i]!;
      sums.gap += gap;
      sums.gapSquared += gap * gap;
    }
    if (label === 1) [means[0], means[1]] = [sums.a / count, sums.b / count];
    variance += Math.max(0, sums.gapSquared - sums.gap ** 2 / count) / (count - 1) / count;
  }
  return { aucs: means, difference: means[0] - means[1], variance };
}

/**
 * For each sample, the share of the samples of the other class that it is on the right side of: the negatives below a
 * positive, the positives above a negative.
 */
function placements(scores: ArrayLike<number>, labels: ArrayLike<number>): Float64Array {
  const order = ascendingOrder(scores);
  let positives = 0;
  for (let i = 0; i < labels.length; i++) positives += labels[i]!;
  const negatives = labels.length - positives;
  const placed = new Float64Array(labels.length);
  let [positivesBelow, negativesBelow] = [0, 0];
  for (let from = 0; from < order.length;) {
    const to = endOfTies(scores, order, from);
    let positivesHere = 0;
    for (let at = from; at < to; at++) positivesHere += labels[order[at]!]!;
    const negativesHere = to - from - positivesHere;
    for (let at = from; at < to; at++)
      placed[order[at]!] =
        labels[order[at]!] === 1
          ? (negativesBelow + negativesHere / 2) / negatives
          : (positives - positivesBelow - positivesHere / 2) / positives;
    positivesBelow += positivesHere;
    negativesBelow += negativesHere;
    from = to;
  }
  return placed;
}

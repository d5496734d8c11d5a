import { ascendingOrder, endOfTies } from './sort.js';

/**
 * Area under the ROC curve: the chance that a random positive is ranked above a random negative, ties counting half.
 * By the rank-sum identity with mid-ranks (Mann & Whitney 1947). NaN when the samples are of one class, or a score is NaN.
 */
export function auc(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const order = ascendingOrder(scores);
  if (Number.isNaN(scores[order[order.length - 1]!])) return Number.NaN;
  let positiveCount = 0;
  let rankSum = 0;
  for (let from = 0; from < order.length;) {
    const to = endOfTies(scores, order, from);
    let positivesHere = 0;
    for (let at = from; at < to; at++) positivesHere += labels[order[at]!]!;
    rankSum += positivesHere * ((from + 1 + to) / 2);
    positiveCount += positivesHere;
    from = to;
  }
  const negativeCount = order.length - positiveCount;
  return (rankSum - (positiveCount * (positiveCount + 1)) / 2) / (positiveCount * negativeCount);
}

/** Area under the ROC curve, ties counted half. */
export function aucOf(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const order = Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
  let rankSum = 0;
  let positives = 0;
  for (let i = 0; i < order.length;) {
    let j = i;
    while (j < order.length && scores[order[j]!] === scores[order[i]!]) j++;
    for (let k = i; k < j; k++)
      if (labels[order[k]!] === 1) {
        rankSum += (i + j + 1) / 2;
        positives++;
      }
    i = j;
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * (order.length - positives));
}

/** Log loss over the entropy of the base rate. */
export function normalisedEntropyOf(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  let loss = 0;
  let positives = 0;
  for (let i = 0; i < labels.length; i++) {
    const p = Math.min(1 - 1e-7, Math.max(1e-7, probabilities[i]!));
    loss -= labels[i] === 1 ? Math.log(p) : Math.log(1 - p);
    positives += labels[i]!;
  }
  const rate = positives / labels.length;
  return loss / labels.length / -(rate * Math.log(rate) + (1 - rate) * Math.log(1 - rate));
}

/** Predicted clicks over real clicks. */
export function calibrationOf(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  let predicted = 0;
  let real = 0;
  for (let i = 0; i < labels.length; i++) {
    predicted += probabilities[i]!;
    real += labels[i]!;
  }
  return predicted / real;
}

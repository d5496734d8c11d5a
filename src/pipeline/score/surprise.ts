import type { Scorer } from './scorer.js';

/**
 * s = |y − p̄|: the size of the log-loss gradient at the logit. Good for: one well-calibrated champion; the cheapest one.
 * Source: local case-control sampling, Fithian & Hastie 2014, "Local case-control sampling: efficient subsampling in
 * imbalanced data sets", eq. (5).
 */
export const surprise: Scorer = {
  name: 'surprise',
  score({ prediction: { probability }, rowCount }, ifNegative, ifPositive) {
    for (let i = 0; i < rowCount; i++) {
      ifNegative[i] = probability[i]!;
      ifPositive[i] = 1 - probability[i]!;
    }
  },
};

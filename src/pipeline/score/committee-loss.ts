import { FixedShares, sharesOf, type Shares } from './committee-shares.js';
import type { Scorer, ScorerDeclaration } from './scorer.js';
import { absoluteError } from './surprise.js';

/**
 * s = sqrt( Σ_k α_k·(y − p_k)² ): the committee's expected Brier loss under a root. It equals sqrt((y − p̄)² + Var_k p_k),
 * so a sample counts when the committee is wrong or when it disagrees, and it minimises the variance of the weighted loss
 * under a budget (Neyman allocation). Good for: forests and bagged boosters.
 * @param shares α of each member, fixed or learned
 */
export function committeeBrierLoss(shares: Shares = new FixedShares([])): Scorer {
  return {
    score({ prediction: { members }, rowCount, memberCount, snapshotVersion, labels }, ifNegative, ifPositive) {
      for (let i = 0, at = 0; i < rowCount; i++, at += memberCount) {
        const alpha = shares.of(memberCount, snapshotVersion);
        let negative = 0;
        let positive = 0;
        for (let k = 0; k < memberCount; k++) {
          const p = members[at + k]!;
          negative += alpha[k]! * p * p;
          positive += alpha[k]! * (1 - p) * (1 - p);
        }
        ifNegative[i] = Math.sqrt(negative);
        ifPositive[i] = Math.sqrt(positive);
        shares.learn(members, at, labels[i]!);
      }
    },
  };
}

/**
 * s = Σ_k α_k·(−ln of the probability member k gave to y): the committee's expected log loss. For small errors it is of the
 * order of |y − p| as the Brier variant under its root is, but it goes on growing with confident mistakes, so a few of them
 * take more of the budget: for traffic whose labels can be trusted. Not under a root for that reason.
 * Probabilities are held 10⁻⁷ from 0 and 1, as in all log losses here.
 */
export function committeeLogLoss(shares: Shares = new FixedShares([])): Scorer {
  return {
    score({ prediction: { members }, rowCount, memberCount, snapshotVersion, labels }, ifNegative, ifPositive) {
      for (let i = 0, at = 0; i < rowCount; i++, at += memberCount) {
        const alpha = shares.of(memberCount, snapshotVersion);
        let negative = 0;
        let positive = 0;
        for (let k = 0; k < memberCount; k++) {
          const p = Math.min(1 - LEAST_PROBABILITY, Math.max(LEAST_PROBABILITY, members[at + k]!));
          negative -= alpha[k]! * Math.log1p(-p);
          positive -= alpha[k]! * Math.log(p);
        }
        ifNegative[i] = negative;
        ifPositive[i] = positive;
        shares.learn(members, at, labels[i]!);
      }
    },
  };
}

const LEAST_PROBABILITY = 1e-7;

export const committeeLoss: ScorerDeclaration = {
  summary: 'how wrong the committee is and how far it disagrees, by selection.committeeLoss',
  keepsBy: 'coin',
  ofOne: ({ committeeLoss: loss }) => (loss === 'brier' ? 'surprise' : null),
  early: absoluteError,
  make: (settings) => {
    const { shares, ...learning } = sharesOf(settings);
    return {
      ...(settings.committeeLoss === 'log' ? committeeLogLoss(shares) : committeeBrierLoss(shares)),
      ...learning,
    };
  },
};

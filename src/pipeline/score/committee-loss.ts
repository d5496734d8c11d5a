import type { Scorer } from './scorer.js';

/**
 * s = sqrt( Σ_k α_k·(y − p_k)² ): the committee's expected Brier loss under a root. It equals sqrt((y − p̄)² + Var_k p_k),
 * so a sample counts when the committee is wrong or when it disagrees, and it minimises the variance of the weighted loss
 * under a budget (Neyman allocation). Good for: forests and bagged boosters.
 * @param shares α of each member; empty or of another length than the committee: equal shares
 */
export function committeeLoss(shares: readonly number[]): Scorer {
  const total = shares.reduce((sum, share) => sum + share, 0);
  return {
    name: 'committee-loss',
    score({ members }, rowCount, memberCount, ifNegative, ifPositive) {
      const given = shares.length === memberCount && total > 0;
      for (let i = 0, at = 0; i < rowCount; i++) {
        let negative = 0;
        let positive = 0;
        for (let k = 0; k < memberCount; k++, at++) {
          const p = members[at]!;
          const share = given ? shares[k]! / total : 1 / memberCount;
          negative += share * p * p;
          positive += share * (1 - p) * (1 - p);
        }
        ifNegative[i] = Math.sqrt(negative);
        ifPositive[i] = Math.sqrt(positive);
      }
    },
  };
}

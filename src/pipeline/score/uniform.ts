import type { ScorerDeclaration } from './scorer.js';

/** s = 1 for every sample: the coin alone decides. The reference every other scorer is compared with. */
export const uniform: ScorerDeclaration = {
  summary: 'every sample counts the same',
  keepsBy: 'budget',
  make: () => ({
    score({ rowCount }, ifNegative, ifPositive) {
      ifNegative.fill(1, 0, rowCount);
      ifPositive.fill(1, 0, rowCount);
    },
  }),
};

import type { ScorerDeclaration } from './scorer.js';
import { absoluteError } from './surprise.js';

/**
 * s = |y − p̄|, and a hard cut instead of a coin: what is at or above the running quantile is kept, the rest is not. For
 * comparison only. The cut throws away what the champion is sure of, so the kept samples are no sample of the stream: π
 * below the cut is 0 and no weight or offset can bring it back. They are published as kept for certain (π 1, weight 1,
 * offset 0), which is not true of the stream, and a model trained on them predicts clicks where there are none:
 * at 10 % of a day of real traffic 7 times as many as there were, at an AUC of .64 where everything gives .89 (`sluice
 * evaluate`); with a pilot from the first sample on it was 20 times and AUC .21, worse than a guess.
 * Σ weights / samples then shows the budget instead of 1.
 */
export const top: ScorerDeclaration = {
  summary: 'as surprise, but a hard cut that no weight or offset can undo: for comparison only',
  keepsBy: 'cut',
  make: () => absoluteError,
};

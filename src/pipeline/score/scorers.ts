import type { Config, ScorerName } from '../../config/schema.js';
import { committeeLoss } from './committee-loss.js';
import type { Scorer } from './scorer.js';
import { surprise } from './surprise.js';
import { uniformScorer } from './uniform.js';

/** Builds the scorer that the config names. */
export function scorerOf(selection: Pick<Config['selection'], 'scorer' | 'committeeShares'>): Scorer {
  const scorers: Record<ScorerName, () => Scorer> = {
    uniform: () => uniformScorer,
    surprise: () => surprise,
    'committee-loss': () => committeeLoss(selection.committeeShares),
  };
  return scorers[selection.scorer]();
}

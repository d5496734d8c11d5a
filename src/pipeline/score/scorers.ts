import type { Config, ScorerName } from '../../config/schema.js';
import { committeeLogLoss, committeeLoss } from './committee-loss.js';
import { FixedShares, LearnedShares, type Shares } from './committee-shares.js';
import { disagreement } from './disagreement.js';
import { gradientNorm } from './gradient-norm.js';
import type { Scorer } from './scorer.js';
import { surprise } from './surprise.js';
import { top } from './top.js';
import { uniformScorer } from './uniform.js';

export type ScorerSettings = Pick<
  Config['selection'],
  'scorer' | 'committeeLoss' | 'committeeShares' | 'learnCommitteeShares' | 'committeeShareFloor'
>;

/** Builds the scorer that the config names; one a partition, since a scorer that learns has state. */
export function scorerOf(settings: ScorerSettings): Scorer {
  const scorers: Record<ScorerName, () => Scorer> = {
    uniform: () => uniformScorer,
    surprise: () => surprise,
    'committee-loss': () => withShares(settings, settings.committeeLoss === 'log' ? committeeLogLoss : committeeLoss),
    disagreement: () => withShares(settings, disagreement),
    'gradient-norm': () => gradientNorm,
    top: () => top,
  };
  return scorers[settings.scorer]();
}

function withShares(settings: ScorerSettings, make: (shares: Shares) => Scorer): Scorer {
  if (!settings.learnCommitteeShares) return make(new FixedShares(settings.committeeShares));
  const learned = new LearnedShares(settings.committeeShares, settings.committeeShareFloor);
  return { ...make(learned), memory: () => learned.memory, remember: (memory) => learned.remember(memory) };
}

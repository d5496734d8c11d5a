import { committeeLoss } from './committee-loss.js';
import { disagreement } from './disagreement.js';
import { gradientNorm } from './gradient-norm.js';
import type { Scorer, ScorerDeclaration, ScorerSettings } from './scorer.js';
import { surprise } from './surprise.js';
import { top } from './top.js';
import { uniform } from './uniform.js';

/** Every scorer there is, by its name: the config value, the `scorer` field of a sample, the name in reports. */
export const SCORERS = {
  uniform,
  surprise,
  'committee-loss': committeeLoss,
  disagreement,
  'gradient-norm': gradientNorm,
  top,
} as const satisfies Readonly<Record<string, ScorerDeclaration>>;

export type ScorerName = keyof typeof SCORERS;

/** The names, in the order of the table. */
export const SCORER_NAMES = Object.keys(SCORERS) as [ScorerName, ...ScorerName[]];

/** The declaration of a scorer. */
export function scorerNamed(name: ScorerName): ScorerDeclaration {
  return SCORERS[name];
}

/** A scorer of a partition under its name. */
export interface NamedScorer extends Scorer, Pick<ScorerDeclaration, 'keepsBy' | 'early'> {
  readonly name: ScorerName;
}

/** Builds the scorer that the config names; one a partition, since a scorer that learns has state. */
export function scorerOf(settings: ScorerSettings & { readonly scorer: ScorerName }): NamedScorer {
  const { keepsBy, early, make } = scorerNamed(settings.scorer);
  return { name: settings.scorer, keepsBy, ...(early && { early }), ...make(settings) };
}

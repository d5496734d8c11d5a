import { SluiceError } from '../../errors.js';
import { isOwnName, type OwnName } from '../../events/own-name.js';
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

/** A name that `selection.scorer` may have: of ours, or of a plugin's. */
export type ScorerChoice = ScorerName | OwnName;

/** Scorers of plugins, by name. */
export type OwnScorers = ReadonlyMap<OwnName, ScorerDeclaration>;

/** What is known of a scorer before any plugin is loaded: those of plugins keep by the coin. */
export function traitsOf(name: ScorerChoice): Pick<ScorerDeclaration, 'keepsBy' | 'ofOne'> {
  return isOwnName(name) ? { keepsBy: 'coin' } : scorerNamed(name);
}

/** A scorer of a partition under its name. */
export interface NamedScorer extends Scorer, Pick<ScorerDeclaration, 'keepsBy' | 'early'> {
  readonly name: ScorerChoice;
}

/**
 * Builds the scorer that the config names; one a partition, since a scorer that learns has state.
 * @param own those of plugins
 * @throws SluiceError `config-invalid` for one of a plugin that is not there
 */
export function scorerOf(settings: ScorerSettings & { readonly scorer: ScorerChoice }, own?: OwnScorers): NamedScorer {
  const { scorer } = settings;
  const declaration = isOwnName(scorer) ? own?.get(scorer) : scorerNamed(scorer);
  if (!declaration)
    throw new SluiceError('config-invalid', { problems: `selection.scorer = ${scorer}: no plugin defines it` });
  const { keepsBy, early, make } = declaration;
  return { name: scorer, keepsBy, ...(early && { early }), ...make(settings) };
}

import type { Config } from '../../config/schema.js';
import { committeeSize } from '../../learn/learners/index.js';
import { isOwnName } from '../../events/own-name.js';
import { SCORER_NAMES, scorerNamed, traitsOf, type ScorerChoice } from '../../pipeline/score/scorers.js';

/** How a consumer makes up for the selection. */
export type Correction = 'none' | 'offset' | 'weights';

/** A way to spend a budget. */
export interface Policy {
  readonly name: string;
  /** How its samples are trained on; the first is the one to use. */
  readonly corrections: readonly Correction[];
  /** True when a champion has to score. */
  readonly isScored: boolean;
  /** What it sets in the config's section, besides budget and salt. */
  readonly selection: Partial<Config['selection']>;
}

const PLAIN: Partial<Config['selection']> = {
  keep: [],
  budgets: {},
  perSecond: 0,
  throttle: 1,
  value: { outcomes: {}, categories: {}, surfaces: {} },
};

/** Everything; the reference. */
export const FULL: Policy = {
  name: 'full',
  corrections: ['none'],
  isScored: false,
  selection: { ...PLAIN, scorer: 'uniform' },
};

const scored = (scorer: ScorerChoice): Policy => ({
  name: scorer,
  corrections: traitsOf(scorer).keepsBy === 'cut' ? ['none'] : ['offset', 'weights'],
  isScored: true,
  selection: { ...PLAIN, scorer },
});

/**
 * Every policy there is, in the order of the report. `all-positives` keeps each sample of label 1 and fills the rest of the
 * budget with others by a coin. Floors, caps and business value of the config are left out, so that policies can be compared.
 */
export const POLICIES: readonly Policy[] = [
  { name: 'uniform', corrections: ['none'], isScored: false, selection: { ...PLAIN, scorer: 'uniform' } },
  {
    name: 'all-positives',
    corrections: ['offset', 'weights'],
    isScored: false,
    selection: { ...PLAIN, scorer: 'uniform', keep: [{ label: 1, atLeast: 1 }] },
  },
  ...SCORER_NAMES.filter((name) => scorerNamed(name).keepsBy === 'cut').map(scored),
  ...SCORER_NAMES.filter((name) => scorerNamed(name).keepsBy === 'coin').map(scored),
];

/** The policies of some names, in the order of the report; scorers of plugins come last. */
export function policiesNamed(names: readonly string[]): readonly Policy[] {
  return [...POLICIES.filter(({ name }) => names.includes(name)), ...names.filter(isOwnName).map(scored)];
}

/** Policies worth a comparison under a config: all, and its own, less those that its learner makes the same as another. */
export function sensiblePolicies({ selection, retrain }: Pick<Config, 'selection' | 'retrain'>): readonly string[] {
  const isCommittee = committeeSize(retrain) !== 1;
  const isAnother = (name: string): boolean => {
    const scorer = SCORER_NAMES.find((one) => one === name);
    return scorer !== undefined && (scorerNamed(scorer).ofOne?.(selection) ?? null) !== null;
  };
  const names = POLICIES.map(({ name }) => name).filter((name) => isCommittee || !isAnother(name));
  return isOwnName(selection.scorer) ? [...names, selection.scorer] : names;
}

import { goalOn } from '../../events/goals.js';
import { INTERACTION_TYPES, SURFACES } from '../../events/words.js';
import { committeeSize } from '../../learn/learners/index.js';
import { MOST_LEARNED } from '../../pipeline/score/committee-shares.js';
import type { Config } from '../schema.js';
import type { CrossCheck } from './cross-check.js';

/** Checks on how selection spends its budget. */
export const SELECTION_CHECKS: readonly CrossCheck[] = [
  {
    severity: 'warning',
    paths: ['selection.scorer'],
    finding: ({ selection }) =>
      selection.scorer === 'top' && selection.budget < 1
        ? 'a hard cut keeps no sample of the stream: what is below it has inclusion probability 0, so weights and offset cannot undo it; a model trained on 10 % of a real day had AUC .64 where everything gives .89, and predicted 7 times the clicks there were'
        : null,
    remedies: [
      'set selection.scorer = surprise, which keeps by a coin',
      'use what it keeps for inspection, never for training',
    ],
  },
  {
    severity: 'warning',
    paths: ['selection.budget', 'selection.expectedClickRate'],
    finding: ({ selection }) => {
      const { budget, budgets, expectedClickRate: rate, perSecond } = selection;
      const least = Math.min(budget, ...Object.values(budgets));
      if (perSecond > 0 || rate === 0 || least >= 2 * rate) return null;
      return `a budget of ${least} cannot carry a click rate of ${rate}: variance grows about 1 + 1/(budget/rate − 1), and below twice the rate hardly a non-click is kept per click`;
    },
    remedies: [
      'set the budget to 5 times the click rate or more',
      'cap the clicks with a rule in selection.keep, e.g. {label: 1, atMost: 0.2}',
    ],
  },
  {
    severity: 'error',
    paths: ['selection.perSecond', 'selection.budgets'],
    finding: ({ selection }) =>
      selection.perSecond > 0 && Object.keys(selection.budgets).length > 0
        ? 'a rate per second and budgets per surface cannot both hold'
        : null,
    remedies: ['set selection.perSecond = 0', 'leave selection.budgets empty'],
  },
  {
    severity: 'error',
    paths: ['selection.keep'],
    finding: ({ selection }) => {
      const at = selection.keep.findIndex(({ atLeast = 0, atMost = 1 }) => atLeast > atMost);
      return at < 0
        ? null
        : `rule ${at + 1} asks for at least ${selection.keep[at]!.atLeast} and at most ${selection.keep[at]!.atMost}`;
    },
    remedies: ['lower atLeast', 'raise atMost'],
  },
  {
    severity: 'warning',
    paths: ['selection.keep', 'selection.scorer'],
    finding: ({ selection }) =>
      selection.scorer === 'top' && selection.keep.length > 0
        ? 'a hard cut knows no floors and caps: the rules are ignored'
        : null,
    remedies: ['set selection.scorer = surprise', 'leave selection.keep empty'],
  },
  {
    severity: 'warning',
    paths: ['selection.value.outcomes', 'label.goal'],
    finding: (config) =>
      splitsALabel(config)
        ? 'outcomes of one label are worth different, which the label alone cannot tell: weights stay exact, the offset is exact on average only'
        : null,
    remedies: [
      'train with importanceWeight where calibration within a subgroup matters',
      'give all outcomes on one side of label.goal the same value',
    ],
  },
  {
    severity: 'warning',
    paths: ['selection.learnCommitteeShares', 'retrain.learner'],
    finding: ({ selection, retrain }) => {
      const members = committeeSize(retrain);
      return selection.learnCommitteeShares && members !== null && members > MOST_LEARNED
        ? `shares of ${members} members are too many to learn: they stay as they begin`
        : null;
    },
    remedies: [`set the members to ${MOST_LEARNED} or fewer`, 'set selection.learnCommitteeShares = false'],
  },
];

function splitsALabel({ selection, label }: Config): boolean {
  const outcomes = ['NONE', ...INTERACTION_TYPES] as const;
  const worths = outcomes.map((outcome) => selection.value.outcomes[outcome] ?? 1);
  const differ = (some: readonly number[]): boolean => some.some((worth) => worth !== some[0]);
  return SURFACES.some((surface) => {
    const goal = outcomes.indexOf(goalOn(label, surface));
    return differ(worths.slice(0, goal)) || differ(worths.slice(goal));
  });
}

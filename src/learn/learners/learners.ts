import type { FitContext, Fitted, GrowTree } from '../../ports/learner.js';
import type { TrainingRows } from '../../ports/trainer.js';
import { boosting } from './boosting/boosting.js';
import { checkRows } from './check-rows.js';
import { forest } from './forest.js';
import { head } from './head.js';
import { settingsOf, type Learner } from './learner.js';
import { linear } from './linear.js';

/** Every learner there is, by its name: the config value, the section with its settings, the label of its metrics. */
export const LEARNERS = { forest, boosting, head, linear } as const;

export type LearnerName = keyof typeof LEARNERS;

/** The names, in the order of the table. */
export const LEARNER_NAMES = Object.keys(LEARNERS) as [LearnerName, ...LearnerName[]];

/** The declaration of a learner, whatever its settings are called. */
export function learnerNamed(name: LearnerName): Learner {
  return LEARNERS[name] as unknown as Learner;
}

/** The section `retrain`, as far as it says what is fitted. */
export type LearnerChoice = { readonly learner: LearnerName } & Readonly<Record<LearnerName, FitContext['settings']>>;

/** Members of the committee that a config asks for; 1: the champion never disagrees with itself. */
export function committeeSize(retrain: LearnerChoice): number {
  const { members, settings } = learnerNamed(retrain.learner);
  return members(settingsOf(settings, retrain[retrain.learner]));
}

/** Fits one learner; settings that are not given are the defaults of its table. Throws `fit-failed`. */
export type Fit = (training: TrainingRows, context: FitContext) => Fitted;

/** Every learner as a function. `growTree` is the tree library behind the forest. */
export function learnersWith(growTree: GrowTree): Readonly<Record<LearnerName, Fit>> {
  const fitOf = (name: LearnerName): Fit => {
    const learner = learnerNamed(name);
    return (training, { seed, settings }) => {
      checkRows(name, training);
      return learner.fit(training, { seed, settings: settingsOf(learner.settings, settings), growTree });
    };
  };
  return Object.fromEntries(LEARNER_NAMES.map((name) => [name, fitOf(name)])) as Record<LearnerName, Fit>;
}

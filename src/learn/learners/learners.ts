import type { FitContext, Fitted, GrowTree } from '../../ports/learner.js';
import type { TrainingRows } from '../../ports/trainer.js';
import { boosting } from './boosting/boosting.js';
import { checkRows } from './check-rows.js';
import { forest } from './forest.js';
import { halvesOf, joined } from './halves.js';
import { head } from './head.js';
import { settingsOf, type Learner } from './learner.js';
import { linear } from './linear.js';

/** Every learner there is, by its name: the config value, the section with its settings, the label of its metrics. */
export const LEARNERS = { forest, boosting, head, linear } as const;

/** Halves that drew alike would err alike. */
const SEED_OF_B = 0x5eed_b;

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
    return (training, { seed, settings, folds }) => {
      checkRows(name, training);
      const own = settingsOf(learner.settings, settings);
      const halves = folds && halvesOf(training, folds);
      const [ofA, ofB] = (learner.halved ? learner.halved(own) : [own, own]) ?? [];
      if (!halves || !ofA || !ofB) return learner.fit(training, { seed, settings: own, growTree });
      const both = { reference: training, growTree };
      return joined(
        learner.fit(halves[0], { ...both, seed, settings: ofA }),
        learner.fit(halves[1], { ...both, seed: seed + SEED_OF_B, settings: ofB }),
      );
    };
  };
  return Object.fromEntries(LEARNER_NAMES.map((name) => [name, fitOf(name)])) as Record<LearnerName, Fit>;
}

import { SluiceError } from '../../errors.js';
import { isOwnName, type OwnName } from '../../events/own-name.js';
import type { FitContext, Fitted, GrowTree } from '../../ports/learner.js';
import type { TrainingRows } from '../../ports/trainer.js';
import { boosting } from './boosting/boosting.js';
import { checkRows } from './check-rows.js';
import { forest } from './forest.js';
import { LEAST_TO_SET_BY, lifted, shortfall, type Unseen } from './cross-fit.js';
import { halvesOf, joined, LEAST_OF_A_CLASS, leastOfAClass } from './halves.js';
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

/** Learners of plugins, by name. */
export type OwnLearners = ReadonlyMap<OwnName, Learner>;

/** The section `retrain`, as far as it says what is fitted. */
export type LearnerChoice = { readonly learner: LearnerName | OwnName } & Readonly<
  Record<LearnerName | 'own', FitContext['settings']>
>;

/** Members of the committee that a config asks for; 1: the champion never disagrees with itself; null: a plugin says. */
export function committeeSize(retrain: LearnerChoice): number | null {
  if (isOwnName(retrain.learner)) return null;
  const { members, settings } = learnerNamed(retrain.learner);
  return members(settingsOf(settings, retrain[retrain.learner]));
}

/** The settings of the learner that a config names. */
export function learnerSettings(retrain: LearnerChoice): FitContext['settings'] {
  return isOwnName(retrain.learner) ? retrain.own : retrain[retrain.learner];
}

/**
 * How a learner undoes the selection.
 * @param own those of plugins
 * @throws SluiceError `config-invalid` for one of a plugin that is not there
 */
export function correctionOf(learner: LearnerName | OwnName, own?: OwnLearners): Learner['correction'] {
  const declared = isOwnName(learner) ? own?.get(learner) : learnerNamed(learner);
  if (!declared)
    throw new SluiceError('config-invalid', { problems: `retrain.learner = ${learner}: no plugin defines it` });
  return declared.correction;
}

/** Fits one learner; settings that are not given are the defaults of its table. Throws `fit-failed`. */
export type Fit = (training: TrainingRows, context: FitContext) => Fitted;

/**
 * Every learner as a function. `growTree` is the tree library behind the forest.
 * @param own those of plugins
 */
export function learnersWith(
  growTree: GrowTree,
  own: OwnLearners = new Map(),
): Readonly<Record<LearnerName | OwnName, Fit>> {
  const fitOf = (name: string, learner: Learner): Fit => {
    return (training, { seed, settings, folds }) => {
      checkRows(name, training);
      const own = settingsOf(learner.settings, settings);
      const whole = (): Fitted => learner.fit(training, { seed, settings: own, growTree });
      const [ofA, ofB] = (learner.halved ? learner.halved(own) : [own, own]) ?? [];
      const halves = folds && halvesOf(training, folds);
      const least = halves ? leastOfAClass(halves) : 0;
      if (!halves || !ofA || !ofB || least < LEAST_TO_SET_BY) return whole();
      const both = { reference: training, growTree };
      const a = learner.fit(halves[0], { ...both, seed, settings: ofA });
      const b = learner.fit(halves[1], { ...both, seed: seed + SEED_OF_B, settings: ofB });
      const unseenByA: Unseen = [a.predictor, halves[1]];
      const unseenByB: Unseen = [b.predictor, halves[0]];
      return least < LEAST_OF_A_CLASS
        ? lifted(whole(), shortfall([unseenByA, unseenByB]))
        : joined(lifted(a, shortfall([unseenByA])), lifted(b, shortfall([unseenByB])));
    };
  };
  const all = [...LEARNER_NAMES.map((name) => [name, learnerNamed(name)] as const), ...own];
  return Object.fromEntries(all.map(([name, learner]) => [name, fitOf(name, learner)])) as Record<
    LearnerName | OwnName,
    Fit
  >;
}

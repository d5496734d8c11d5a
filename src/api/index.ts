/** What a team's own code and tests import from `sluice`. Light: a plugin is loaded in every thread. */
import type { CasesSource, CheckedCase } from '../app/cases/check-cases.js';
import type { Law } from '../lab/laws/law.js';

export {
  defineColumns,
  defineLearner,
  defineRule,
  defineScorer,
  type OwnColumns,
  type OwnLearner,
  type OwnRule,
  type OwnScorer,
  type OwnValue,
  type Part,
  type Sent,
} from '../own/parts.js';
export type { LearnerContext, Setting, SettingsOf, SettingsTable } from '../learn/learners/learner.js';
export type { Fitted, LinearPredictor, Predictor, TreeEnsemble } from '../ports/learner.js';
export type { TrainingRows } from '../ports/trainer.js';
export type { ScorableBatch } from '../pipeline/score/scorer.js';
export { testDriver } from './test-driver.js';
export type { DriverEvents, DriverOutputs, TestDriver, TestDriverOptions } from './driver.js';
export type { Law } from '../lab/laws/law.js';
export type { CasesSource, CheckedCase } from '../app/cases/check-cases.js';

/**
 * The laws of every part of a plugin, those that Sluice's own parts are held to: a case each in a test of yours, as
 * `sluice test --plugin FILE` has a line each.
 * @throws SluiceError `plugin-invalid`, `file-unreadable`
 */
export async function pluginLaws(file: string): Promise<readonly Law[]> {
  const { pluginLaws: lawsOf } = await import('../lab/laws/plugin-laws.js');
  return lawsOf(file);
}

/**
 * Runs the cases of a file one after the other, as `sluice test FILE` does.
 * @throws SluiceError `cases-invalid`, `config-invalid`, `file-unreadable`
 */
export async function* checkCases(source: CasesSource): AsyncGenerator<CheckedCase> {
  const { checkCases: check } = await import('../app/cases/check-cases.js');
  yield* check(source);
}

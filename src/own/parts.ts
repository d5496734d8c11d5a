import type { Learner, SettingsTable } from '../learn/learners/learner.js';
import type { ScorableBatch } from '../pipeline/score/scorer.js';

/** A message, or an item of it, as it was sent: nothing of it has been checked. */
export type Sent = Readonly<Record<string, unknown>>;

/** Says how much a sample would teach the model; `selection.scorer: own:NAME`. */
export interface OwnScorer {
  /** Letters, digits and hyphens, a letter first. */
  readonly name: string;
  /** Says what a sample counts for: a sentence without its full stop. */
  readonly summary: string;
  /** False where a prediction of one member says nothing: samples then wait for the first champion. Default true. */
  readonly early?: boolean;
  /**
   * Writes how much each row counts for either label: finite, 0 or more, unitless, a function of the row alone. Both labels,
   * because the log-odds offset needs what the chance would have been under the other one. Changes nothing else.
   * @param ifNegative receives rowCount importances for label 0
   * @param ifPositive receives rowCount importances for label 1
   */
  score(batch: ScorableBatch, ifNegative: Float64Array, ifPositive: Float64Array): void;
}

/** Fits models; `retrain.learner: own:NAME`, its settings under `retrain.own`. */
export interface OwnLearner<Table extends SettingsTable = SettingsTable> extends Learner<Table> {
  /** Letters, digits and hyphens, a letter first. */
  readonly name: string;
}

/**
 * Makes a value of an impression list and one of its items: a number, a boolean, a text, a list of texts or of numbers, a
 * time; undefined, null and NaN are missing. A function of the message alone, so that a restart reads the same.
 */
export type OwnValue = (item: Sent, list: Sent) => unknown;

/** Values under the names by which `features.declared` reads them: `from: own:NAME`. */
export type OwnColumns = Readonly<Record<string, OwnValue>>;

/**
 * Refuses what a team does not want to learn from: traffic of tests, prices of 0. `quality.own: [own:NAME]`. It judges single
 * messages that passed every other check; what it refuses is a dead letter with the reason, and can be sent again. Give one
 * of the two or both; each is a function of the message alone, so that a restart judges alike.
 */
export interface OwnRule {
  /** Letters, digits and hyphens, a letter first. */
  readonly name: string;
  /** Says what it refuses: a sentence without its full stop. */
  readonly summary: string;
  /** Why an item of a list is refused, its other items not; undefined or null: it is not. */
  readonly impression?: (item: Sent, list: Sent) => string | null | undefined;
  /** Why an interaction is refused; undefined or null: it is not. */
  readonly interaction?: (interaction: Sent) => string | null | undefined;
}

/** A part of a plugin, as one of its exports. */
export type Part =
  | { readonly sluice: 'scorer'; readonly scorer: OwnScorer }
  | { readonly sluice: 'learner'; readonly learner: OwnLearner }
  | { readonly sluice: 'columns'; readonly columns: OwnColumns }
  | { readonly sluice: 'rule'; readonly rule: OwnRule };

/** Declares a scorer of one's own; the module exports what this returns. */
export function defineScorer(scorer: OwnScorer): Part {
  return { sluice: 'scorer', scorer };
}

/** Declares a learner of one's own: the settings that `fit` reads are those of its table, or the compiler says so. */
export function defineLearner<const Table extends SettingsTable>(learner: OwnLearner<Table>): Part {
  return { sluice: 'learner', learner: learner as unknown as OwnLearner };
}

/** Declares values of one's own, each a column (or several) by a line of `features.declared`. */
export function defineColumns(columns: OwnColumns): Part {
  return { sluice: 'columns', columns };
}

/** Declares a rule of one's own; the module exports what this returns. */
export function defineRule(rule: OwnRule): Part {
  return { sluice: 'rule', rule };
}

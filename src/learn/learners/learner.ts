import type { FitContext, Fitted, GrowTree } from '../../ports/learner.js';
import type { TrainingRows } from '../../ports/trainer.js';

/** A setting of a learner, a number: an option `retrain.<learner>.<name>` with its default, its limits and its text. */
export interface Setting {
  readonly default: number;
  /** Whole numbers only. */
  readonly isInteger?: boolean;
  readonly above?: number;
  readonly atLeast?: number;
  readonly atMost?: number;
  /** One plain sentence without its full stop: what it is, and what it trades. */
  readonly text: string;
  /** What LightGBM calls it. */
  readonly lightgbm?: string;
}

export type SettingsTable = Readonly<Record<string, Setting>>;

/** A value for every setting of a table. */
export type SettingsOf<Table extends SettingsTable> = { readonly [Name in keyof Table]: number };

/** What a fit may ask of its surroundings. */
export interface LearnerContext<Table extends SettingsTable> {
  readonly seed: number;
  readonly settings: SettingsOf<Table>;
  /** Rows that columns are standardised over, features alone; absent: those of the fit. */
  readonly reference?: TrainingRows | undefined;
  /** Grows one tree by the forest library. */
  readonly growTree: GrowTree;
}

/** A learner as `retrain.learner` offers it: declared in its own file, listed once in `learners.ts`. */
export interface Learner<Table extends SettingsTable = SettingsTable> {
  /** Says in one sentence what is fitted; stands in the configuration page. */
  readonly summary: string;
  /**
   * How it undoes the selection. One that adds up log-odds takes the offset and trains unweighted, which uses the samples
   * better and forgives a poor scorer; one without log-odds to add to takes weights 1/π.
   */
  readonly correction: 'offsets' | 'weights';
  readonly settings: Table;
  /** Members of the committee that a fit gives: the `memberCount` of its predictor. */
  members(settings: SettingsOf<Table>): number;
  /** Settings of two halves whose members together are those of the whole; absent: the same, and members k are averaged. */
  halved?(settings: SettingsOf<Table>): readonly [SettingsOf<Table>, SettingsOf<Table>] | undefined;
  /**
   * Fits in the calling thread. Rows were checked: both classes, finite positive weights, finite offsets. Same rows, seed
   * and settings give the same predictor. Throws `fit-failed`.
   */
  fit(training: TrainingRows, context: LearnerContext<Table>): Fitted;
}

/** Declares a learner: the settings that `fit` reads are those of its table, or the compiler says so. */
export function declareLearner<const Table extends SettingsTable>(declared: Learner<Table>): Learner<Table> {
  return declared;
}

/** The settings of a table as given, by default where they are not; what is given beyond the table is dropped. */
export function settingsOf<Table extends SettingsTable>(
  table: Table,
  given: FitContext['settings'],
): SettingsOf<Table> {
  const value = (name: string): number => {
    const own = given[name];
    return typeof own === 'number' && Number.isFinite(own) ? own : table[name]!.default;
  };
  return Object.fromEntries(Object.keys(table).map((name) => [name, value(name)])) as SettingsOf<Table>;
}

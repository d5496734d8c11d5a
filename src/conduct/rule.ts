/** A setting of a rule, a number: an option `quality.rules.<rule>.<name>` with its default, its limits and its text. */
export interface RuleSetting {
  readonly default: number;
  /** Whole numbers only. */
  readonly isInteger?: boolean;
  readonly above?: number;
  readonly atLeast?: number;
  readonly atMost?: number;
  /** Plain sentences, the last one without its full stop. */
  readonly text: string;
}

type SettingsTable = Readonly<Record<string, RuleSetting>>;

/** A value for every setting of a rule. */
export type RuleSettings<Table extends SettingsTable> = { readonly [Name in keyof Table]: number };

/** Numbers that a rule keeps of every session: one array a number, one entry a session, 0 at first. */
export interface SessionNumbers<Number extends string> {
  column(name: Number): Float64Array;
}

/** What a rule may know of an interaction. */
export interface Conducted {
  /** null: it says none. */
  readonly dwellMs: number | null;
}

/**
 * A rule on conduct, declared in its own file and listed once in `rules.ts`: option, flag, error code, counts and metric
 * labels follow from the row. What it decides is a function of the events in their order alone. An act is a click or
 * something stronger.
 */
export interface Rule<Table extends SettingsTable = SettingsTable, Number extends string = string> {
  /** Its bit in the flags of a sample, 0 to 6, as state and checkpoints hold them: never one that another flag has had. */
  readonly bit: number;
  /** Storage ids of its counts in the progress record (`counts.ts`): interactions caught, samples flagged. */
  readonly countIds: { readonly caught: number; readonly flagged: number };
  readonly settings: Table;
  /** Of what it diverts: why, with `details` filled in, and what to do about it. */
  readonly deadLetter: { readonly message: string; readonly remedy: string };
  details(settings: RuleSettings<Table>, interaction: Conducted): Readonly<Record<string, number>>;
  /** Names of the numbers it keeps of a session; checkpoints store them under these. */
  readonly remembers: readonly Number[];
  /** True when an interaction is caught by what it says itself. */
  isCaught?(interaction: Conducted, settings: RuleSettings<Table>): boolean;
  /** Notes an act of a session. @returns true when it is caught; its session then stays under the rule */
  onAct?(numbers: SessionNumbers<Number>, session: number, turnMs: number, settings: RuleSettings<Table>): boolean;
  /** Notes impressions shown to a session. */
  onShown?(numbers: SessionNumbers<Number>, session: number, impressionCount: number): void;
  /** Notes the first act on an open impression of a session. */
  onFirstAct?(numbers: SessionNumbers<Number>, session: number): void;
  /** True while what a session did so far puts it under the rule: its acts are caught, and what it was shown is flagged. */
  isUnder?(numbers: SessionNumbers<Number>, session: number, settings: RuleSettings<Table>): boolean;
}

/** Declares a rule: the settings and numbers that it reads are those that it names, or the compiler says so. */
export function declareRule<const Table extends SettingsTable, const Number extends string = never>(
  declared: Rule<Table, Number>,
): Rule<Table, Number> {
  return declared;
}

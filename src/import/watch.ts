import type { Condition, Expression } from './expression-schema.js';
import { toText } from './text.js';

/** What became, over a whole log, of a value that a mapping names. */
export interface ValueUse {
  /** Times its record was made, times the log had something there, and times that was read as what the field is. */
  asked: number;
  present: number;
  given: number;
  /** The first thing that the log had there. */
  first: unknown;
}

/** What became of the look-ups in a table by one value. */
export interface LookupUse {
  readonly table: string;
  readonly column: string;
  /** Keys looked up, those that the table has, and rows of it that have the column. */
  asked: number;
  hits: number;
  found: number;
  /** The first key that was looked up, and the names of columns. */
  firstKey: string;
}

/** What became of a pattern of column names. */
interface PatternUse {
  readonly pattern: string;
  asked: boolean;
  fitted: boolean;
}

/** Texts of a condition's column that are remembered, to show what the log has where a rule fits no row, and looks at it. */
const MOST_TEXTS = 4;
const MOST_LOOKS = 1_000;

/** Looks on while a log is read, so that a part of a mapping that nothing came of is a mistake and no silence. */
export class Watch {
  readonly values = new Map<Expression, ValueUse>();
  readonly lookups: LookupUse[] = [];
  readonly patterns: PatternUse[] = [];
  private readonly texts = new Map<Condition, { looks: number; readonly texts: Set<string> }>();

  /** Begins to watch the value of a field; one that may be absent is not watched. */
  value(given: Expression): ValueUse | undefined {
    if (given.optional === true) return undefined;
    const use = { asked: 0, present: 0, given: 0, first: undefined };
    this.values.set(given, use);
    return use;
  }

  /** The use of a value that is watched. */
  useOf(given: Expression): ValueUse | undefined {
    return this.values.get(given);
  }

  lookup(table: string, column: string): LookupUse {
    const use = { table, column, asked: 0, hits: 0, found: 0, firstKey: '' };
    this.lookups.push(use);
    return use;
  }

  pattern(pattern: string): PatternUse {
    const use = { pattern, asked: false, fitted: false };
    this.patterns.push(use);
    return use;
  }

  /** Remembers a text on which a condition did not hold. */
  refused(condition: Condition, value: unknown): void {
    const seen = this.texts.get(condition);
    if (seen === undefined) this.texts.set(condition, { looks: 1, texts: new Set([shown(value)]) });
    else if (seen.texts.size < MOST_TEXTS && seen.looks++ < MOST_LOOKS) seen.texts.add(shown(value));
  }

  /** What the log has where a condition looked and did not hold; none where it always held. */
  textsOf(condition: Condition): readonly string[] {
    return [...(this.texts.get(condition)?.texts ?? [])];
  }
}

/** A value as a message may show it. */
export function shown(value: unknown): string {
  return value === undefined || value === null ? 'nothing' : JSON.stringify(toText(value)!.slice(0, 40));
}

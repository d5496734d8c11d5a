import { suggestion } from '../config/nearest.js';
import type { Condition, Expression } from './expression-schema.js';
import { WORDS, type Draft } from './fields.js';
import type { Language } from './language.js';
import { Matching } from './matching.js';
import type { Mapping } from './mapping-schema.js';
import { shown, type ValueUse } from './watch.js';

/** The two sections of a mapping that have rules. */
type Section = 'impressions' | 'interactions';

/** What came of a rule. */
interface RuleUse {
  /** Rows (or elements) that it fitted, and records that it made of them. */
  fitted: number;
  made: number;
  /** What the first record lacked that was not made. */
  lacking?: string;
}

/** What the parts of a mapping came to, beyond what was dropped. */
export interface Outcome {
  /** Parts that nothing came of though they must: mistakes. */
  readonly problems: readonly string[];
  /** Fields that are empty in every row, and rules of which nothing is known to match in a log too long to be sure. */
  readonly doubts: readonly string[];
}

/** Rates that are 1 where absent: empty in every row, weights would be wrong in silence. */
const RATES = new Set(['samplingRate', 'negativeSamplingRate']);

/** Follows what comes of each rule of a mapping, and says at the end which parts did nothing. */
export class OutcomeWatch {
  private readonly rules = { impressions: new Map<number, RuleUse>(), interactions: new Map<number, RuleUse>() };
  private readonly matching: Matching;
  private readonly times = new Times();
  private lists = 0;
  private listsFromZero = 0;

  constructor(
    private readonly mapping: Mapping,
    private readonly language: Language,
  ) {
    this.matching = new Matching(mapping);
  }

  /** @param missing the field that it lacks, so that it was not made; undefined: it was */
  made(section: Section, rule: number, missing: string | undefined): void {
    let use = this.rules[section].get(rule);
    if (!use) this.rules[section].set(rule, (use = { fitted: 0, made: 0 }));
    use.fitted++;
    if (missing === undefined) use.made++;
    else use.lacking ??= missing;
  }

  list(head: Draft, items: readonly Draft[]): void {
    this.matching.list(head, items);
    this.times.see(head['eventTimeMs'] as number);
    this.lists++;
    if (items.some(({ position }) => (position as number) < 1)) this.listsFromZero++;
  }

  interaction(rule: number, draft: Draft): void {
    this.matching.interaction(rule, draft);
    this.times.see(draft['eventTimeMs'] as number);
  }

  /** Rules that nothing came of though they may. */
  unused(): readonly string[] {
    return this.allRules().flatMap(({ section, at, name }) => (this.rules[section].has(at) ? [] : [name]));
  }

  /** @param neverFilled columns of `source.fillDown` that no row had */
  outcome(neverFilled: readonly string[]): Outcome {
    const unmatched = this.unmatched();
    const { problems, empty } = this.values();
    return {
      problems: [
        ...neverFilled.map((column) => `source.fillDown: no row has a value in ${JSON.stringify(column)}`),
        ...this.idle(),
        ...(this.matching.isWhole ? unmatched : []),
        ...problems,
        ...this.lookups(),
        ...this.patterns(),
        ...(this.listsFromZero === this.lists ? this.fromZero() : []),
      ],
      doubts: [
        ...empty,
        ...this.times.doubts(),
        ...(this.listsFromZero === this.lists ? [] : this.fromZero()),
        ...(this.matching.isWhole ? [] : unmatched),
      ],
    };
  }

  private idle(): string[] {
    return this.allRules().flatMap(({ section, at, name, rule }) => {
      if (rule.optional) return [];
      const use = this.rules[section].get(at);
      if (use === undefined) {
        const seen = (rule.when ?? []).map((condition) => this.seen(condition)).filter((text) => text !== '');
        const where = seen.length > 0 ? `; its when finds ${seen.join(', ')}` : '';
        return [`${name}: fits no row${where}. If that may be, give it optional: true`];
      }
      if (use.made > 0) return [];
      return [`${name}: fits ${use.fitted} times, and nothing comes of it, for it is without ${use.lacking}`];
    });
  }

  /** What the log has where a condition looked. */
  private seen(condition: Condition): string {
    const texts = this.language.watch?.textsOf(condition) ?? [];
    const what = condition.column ?? condition.template;
    return texts.length === 0 || what === undefined ? '' : `${texts.join(', ')} in ${what}`;
  }

  private unmatched(): string[] {
    const found = this.matching.unmatched();
    return this.allRules().flatMap(({ section, at, name }) => {
      const why = section === 'interactions' ? found.get(at) : undefined;
      if (why === undefined) return [];
      return [
        `${name}: none of its interactions is of an item that a list shows: ${why}. If that may be, give it optional: true`,
      ];
    });
  }

  private values(): { problems: string[]; empty: string[] } {
    const problems: string[] = [];
    const empty: string[] = [];
    for (const [path, given] of expressions(this.mapping)) {
      const use = this.language.watch?.useOf(given);
      if (!use || use.asked === 0 || use.given > 0) continue;
      const last = path.slice(path.lastIndexOf('.') + 1);
      const isRate = RATES.has(last);
      if (use.present > 0)
        problems.push(`${path}: ${unreadable(use, given, WORDS[last])}. If that may be, write optional: true`);
      else if (isRate)
        problems.push(`${path}: is empty in every row, so that each counts as 1. If that is so, leave it out`);
      else empty.push(`${path} is empty in every row`);
    }
    return { problems, empty };
  }

  private lookups(): string[] {
    return (this.language.watch?.lookups ?? []).flatMap(({ table, column, asked, hits, found, firstKey }) => {
      if (asked === 0 || found > 0) return [];
      const { names = [], someKey } = this.language.table(table) ?? {};
      const ways = 'If that may be, write optional: true';
      if (hits > 0) {
        if (names.includes(column)) return [];
        return [`tables.${table}: no row has ${JSON.stringify(column)}.${suggestion(column, names)} ${ways}`];
      }
      const has = someKey === undefined ? 'it is empty' : `it has ${JSON.stringify(someKey)}, say`;
      return [
        `tables.${table}: has none of ${asked} keys, of which the first is ${JSON.stringify(firstKey)}; ${has}. ${ways}`,
      ];
    });
  }

  private fromZero(): string[] {
    if (this.listsFromZero === 0) return [];
    return [
      `impressions.items.position: ${this.listsFromZero} lists have an item before position 1, and a run refuses them; for positions from 0 write plus: 1`,
    ];
  }

  private patterns(): string[] {
    const idle = (this.language.watch?.patterns ?? []).filter(({ asked, fitted }) => asked && !fitted);
    return [...new Set(idle.map(({ pattern }) => `no row has a column like ${JSON.stringify(pattern)}`))];
  }

  private allRules() {
    const { impressions = [], interactions = [] } = this.mapping;
    const isOne = impressions.length === 1;
    return [
      ...impressions.map((rule, at) => ({
        section: 'impressions' as const,
        at,
        rule,
        name: isOne ? 'impressions' : `impressions.${at}`,
      })),
      ...interactions.map((rule, at) => ({
        section: 'interactions' as const,
        at,
        rule,
        name: `interactions.${at}${rule.type.constant === undefined ? '' : ` (${rule.type.constant})`}`,
      })),
    ];
  }
}

/** Years between which logs of people are. */
const YEARS = [1990, 2100] as const;

/** From when to when the events of a log are. */
class Times {
  private firstMs = Infinity;
  private lastMs = -Infinity;

  see(timeMs: number): void {
    this.firstMs = Math.min(this.firstMs, timeMs);
    this.lastMs = Math.max(this.lastMs, timeMs);
  }

  /** Times that no log has, because another unit was meant. */
  doubts(): string[] {
    if (this.firstMs >= Date.UTC(YEARS[0], 0) && this.lastMs < Date.UTC(YEARS[1], 0)) return [];
    return [`events are from ${day(this.firstMs)} to ${day(this.lastMs)}; is the unit of eventTimeMs right?`];
  }
}

function day(timeMs: number): string {
  const date = new Date(timeMs);
  return Number.isNaN(date.getTime()) ? `${timeMs} ms` : date.toISOString().slice(0, 10);
}

function unreadable(
  { present, first }: ValueUse,
  { decimal, map, match, findAll, time }: Expression,
  words: readonly string[] | undefined,
): string {
  const why = map
    ? 'its map has none of them'
    : match !== undefined || findAll !== undefined
      ? 'its pattern finds nothing in them'
      : decimal !== undefined
        ? `none is a number with the decimal sign ${JSON.stringify(decimal)}`
        : time !== undefined
          ? `none is a time as ${JSON.stringify(time)} says`
          : words
            ? `none is one of ${words.join(', ')}`
            : 'none is of its kind';
  return `the log has a value ${present} times, and ${why}; the first is ${shown(first)}`;
}

/** Every value that a mapping names, by its path in the file. */
function expressions({ impressions = [], interactions = [] }: Mapping): [path: string, given: Expression][] {
  const found: [string, Expression][] = [];
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    found.push([path, value as Expression]);
    for (const [name, inner] of Object.entries(value)) visit(inner, path === '' ? name : `${path}.${name}`);
  };
  visit(impressions.length === 1 ? { impressions: impressions[0], interactions } : { impressions, interactions }, '');
  return found;
}

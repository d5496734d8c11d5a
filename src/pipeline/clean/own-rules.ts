import type { OwnName } from '../../events/own-name.js';
import { RULE_OUTCOMES, type RuleOutcome } from '../../events/words.js';
import { messageOf } from '../../errors.js';
import type { CleanedList } from './clean.js';
import { refuse, type Refusal } from './verdict.js';

/** A message, or an item of it, as it was sent. */
type Raw = Readonly<Record<string, unknown>>;

/** What a rule of a plugin judges; it gives why something is refused, or nothing. */
export interface JudgingRule {
  readonly impression?: (item: Raw, list: Raw) => unknown;
  readonly interaction?: (interaction: Raw) => unknown;
}

/** Characters of a reason that a dead letter bears. */
const MAX_REASON_LENGTH = 300;

/**
 * The rules of plugins that a config names (`quality.own`), asked about what passed every other check. The first that gives a
 * reason refuses; one that throws, or gives anything but a text or nothing, refuses nothing and is counted.
 */
export class OwnRules {
  /** How often each outcome came, by rule, since the process began. */
  readonly outcomes: ReadonlyMap<OwnName, Record<RuleOutcome, number>>;

  /** @param failed hears of what one throws or gives that is no verdict */
  constructor(
    private readonly rules: ReadonlyMap<OwnName, JudgingRule>,
    private readonly failed: (name: OwnName, why: string) => void,
  ) {
    this.outcomes = new Map([...rules.keys()].map((name) => [name, zeroOutcomes()]));
  }

  /** Takes the items that a rule refuses out of a list. @param raw the list as it was sent */
  judgeList(cleaned: CleanedList, raw: object): CleanedList {
    const before = new Set(cleaned.refusedItems.map(({ index }) => index));
    const sent = (raw as { readonly items: readonly Raw[] }).items;
    const refusals = new Map<number, Refusal>();
    for (let index = 0; index < sent.length; index++) {
      if (before.has(index)) continue;
      const refusal = this.first(({ impression }) => impression?.(sent[index]!, raw as Raw));
      if (refusal) refusals.set(index, refusal);
    }
    if (refusals.size === 0) return cleaned;
    // The items of a cleaned list stand in the order shown, without those that were refused.
    const places = sent.map((_, index) => index).filter((index) => !before.has(index));
    return {
      list: { ...cleaned.list, items: cleaned.list.items.filter((_, at) => !refusals.has(places[at]!)) },
      refusedItems: [...cleaned.refusedItems, ...[...refusals].map(([index, refusal]) => ({ index, refusal }))].sort(
        (a, b) => a.index - b.index,
      ),
    };
  }

  /** Why an interaction is refused; undefined: it is not. @param raw as it was sent */
  judgeInteraction(raw: object): Refusal | undefined {
    return this.first(({ interaction }) => interaction?.(raw as Raw));
  }

  private first(ask: (rule: JudgingRule) => unknown): Refusal | undefined {
    for (const [rule, judging] of this.rules) {
      const why = this.reasonOf(rule, () => ask(judging));
      if (why === undefined) continue;
      this.outcomes.get(rule)!.refused++;
      return refuse('own-rule', { rule, why });
    }
    return undefined;
  }

  private reasonOf(rule: OwnName, ask: () => unknown): string | undefined {
    let said: unknown;
    try {
      said = ask();
    } catch (thrown) {
      return this.fail(rule, messageOf(thrown));
    }
    if (said === undefined || said === null) return undefined;
    if (typeof said !== 'string' || said.trim() === '')
      return this.fail(rule, `gave ${typeof said === 'string' ? 'an empty text' : `a ${typeof said}`} for a reason`);
    return said.slice(0, MAX_REASON_LENGTH).toWellFormed();
  }

  private fail(rule: OwnName, why: string): undefined {
    this.outcomes.get(rule)!.failed++;
    this.failed(rule, why);
    return undefined;
  }
}

function zeroOutcomes(): Record<RuleOutcome, number> {
  return Object.fromEntries(RULE_OUTCOMES.map((outcome) => [outcome, 0])) as Record<RuleOutcome, number>;
}

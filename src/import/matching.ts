import type { Draft } from './fields.js';
import type { Mapping } from './mapping-schema.js';

/** Keys of shown items and of interactions that are remembered; some 100 MB. */
const MOST_KEYS = 1_000_000;

/**
 * Whether the interactions of each rule are of items that the log's lists showed, by the names that the join goes by:
 * impression id, else request and item (of the same session or user), else session and item. One that is answers for its
 * rule, and nothing is remembered once all rules are answered for.
 */
export class Matching {
  /** Rules of which no interaction was of a shown item yet, and the first interaction of each. */
  private readonly open = new Map<number, Draft | undefined>();
  private readonly shown = new Set<string>();
  private readonly waiting = new Map<string, Set<number>>();
  private readonly hasIds: boolean;
  /** The first list, as an example. */
  private firstList: { readonly head: Draft; readonly item: Draft } | undefined;
  /** False once there were too many keys to remember all. */
  isWhole = true;

  constructor(
    { impressions = [], interactions = [] }: Mapping,
    private readonly mostKeys = MOST_KEYS,
  ) {
    this.hasIds = impressions.some(({ items }) => items.impressionId) || interactions.some((rule) => rule.impressionId);
    if (impressions.length === 0) return;
    for (const [at, { optional }] of interactions.entries()) if (!optional) this.open.set(at, undefined);
  }

  list(head: Draft, items: readonly Draft[]): void {
    if (this.open.size === 0) return;
    this.firstList ??= { head, item: items[0]! };
    const { requestId, sessionId } = head;
    for (const item of items) {
      const { itemId, impressionId = `${text(requestId)}#${text(item['position'])}` } = item;
      this.show(key('session', sessionId, itemId));
      for (const who of whoseOf(head)) {
        this.show(key('request', requestId, itemId, who));
        if (this.hasIds) this.show(key('id', impressionId, itemId, who));
      }
    }
    this.forgetIfDone();
  }

  interaction(rule: number, draft: Draft): void {
    if (!this.open.has(rule)) return;
    const { impressionId, requestId, sessionId, itemId } = draft;
    const keys =
      impressionId !== undefined
        ? whoseOf(draft).map((who) => key('id', impressionId, itemId, who))
        : requestId !== undefined
          ? whoseOf(draft).map((who) => key('request', requestId, itemId, who))
          : [key('session', sessionId, itemId)];
    if (keys.some((own) => this.shown.has(own))) this.open.delete(rule);
    else {
      if (this.open.get(rule) === undefined) this.open.set(rule, draft);
      for (const own of keys) this.wait(own, rule);
    }
    this.forgetIfDone();
  }

  private wait(own: string, rule: number): void {
    const rules = this.waiting.get(own);
    if (rules) rules.add(rule);
    else if (this.hasRoom()) this.waiting.set(own, new Set([rule]));
  }

  /** Rules that made interactions, none of them of a shown item, each with an example; none where no list was shown. */
  unmatched(): ReadonlyMap<number, string> {
    const { firstList } = this;
    if (!firstList) return new Map();
    const found = [...this.open].flatMap(([rule, draft]) =>
      draft
        ? [
            [
              rule,
              `the first is of ${example(draft, draft)}, and the first list shows ${example(firstList.head, firstList.item)}`,
            ] as const,
          ]
        : [],
    );
    return new Map(found);
  }

  private show(own: string): void {
    for (const rule of this.waiting.get(own) ?? []) this.open.delete(rule);
    if (!this.shown.has(own) && this.hasRoom()) this.shown.add(own);
  }

  private hasRoom(): boolean {
    this.isWhole &&= this.shown.size + this.waiting.size < this.mostKeys;
    return this.isWhole;
  }

  private forgetIfDone(): void {
    if (this.open.size > 0) return;
    this.shown.clear();
    this.waiting.clear();
  }
}

/** Whose a list or an interaction is: one of another session, and not of the same user, is of another's list. */
function whoseOf({ sessionId, userId }: Draft): readonly string[] {
  return [`s${text(sessionId)}`, ...(userId === undefined ? [] : [`u${text(userId)}`])];
}

function key(kind: string, ...parts: readonly unknown[]): string {
  return [kind, ...parts.map(text)].join('\0');
}

function text(value: unknown): string {
  return String(value as string | number | undefined);
}

function example({ requestId, sessionId }: Draft, { itemId }: Draft): string {
  const request = requestId === undefined ? '' : `request ${JSON.stringify(requestId)}, `;
  return `item ${JSON.stringify(itemId)}, ${request}session ${JSON.stringify(sessionId)}`;
}

import { impressionIdOf } from '../../events/impression-id.js';
import { longestWindowMs, windowOn, type Windows } from '../../events/windows.js';
import type { CleanInteraction, CleanList } from '../../pipeline/admitted.js';
import { CLOCK_SKEW_MS } from '../../pipeline/join/match.js';

/** What would become of an interaction, as far as the messages that were read can tell. */
export const JOIN_FATES = {
  joined: 'find their impression',
  'list-not-there': 'name a request or impression that no list has',
  'item-not-in-list': 'name an item that its list does not have',
  'never-shown': 'name no request, and their session was not shown the item before',
  'other-session': 'are of another session than their list, and not of the same user',
  'before-shown': 'come before their list was shown',
  'other-partition': 'lie on another partition than their list: keys or partitioners of the two topics differ',
  'after-window': 'come after the attribution window',
  'not-judged': 'may belong to a list outside what was read',
} as const;
export type JoinFate = keyof typeof JOIN_FATES;

export interface JoinCount {
  readonly fate: JoinFate;
  readonly interactions: number;
  /** The first of them. */
  readonly example: string;
}

/** Where and when something was shown. */
interface Shown {
  readonly partition: number;
  readonly timeMs: number;
  readonly windowMs: number;
  readonly items: ReadonlySet<string>;
  /** Sessions and users whose it is. */
  readonly whose: ReadonlySet<string>;
}

interface Waiting {
  readonly partition: number;
  readonly interaction: CleanInteraction;
}

/** Judges at the end, whatever the order in which lists and interactions came. */
export class JoinCheck {
  private readonly byImpression = new Map<string, Shown>();
  private readonly byRequest = new Map<string, Shown>();
  private readonly bySession = new Map<string, Shown[]>();
  private readonly interactions: Waiting[] = [];
  private readonly interactionIds = new Set<string>();
  private firstMs = Infinity;
  private lastMs = -Infinity;
  /** Parts whose id another one had before. */
  readonly duplicates = { impressions: 0, interactions: 0 };

  /** @param isKeyed messages of a session lie on one partition of both inputs, or should */
  constructor(
    private readonly windows: Windows,
    private readonly isKeyed = true,
  ) {}

  takeList(list: CleanList, partition: number): void {
    const { requestId, eventTimeMs: timeMs, session, surface } = list;
    const windowMs = windowOn(this.windows, surface);
    const whose = whoseOf(list);
    [this.firstMs, this.lastMs] = [Math.min(this.firstMs, timeMs), Math.max(this.lastMs, timeMs)];
    const items = new Set(this.byRequest.get(requestId)?.items);
    for (const item of list.items) {
      const shown = { partition, timeMs, windowMs, whose, items: new Set([item.itemId]) };
      items.add(item.itemId);
      const id = impressionIdOf(requestId, item);
      if (this.byImpression.has(id)) {
        this.duplicates.impressions++;
        continue;
      }
      this.byImpression.set(id, shown);
      const name = sessionItem(session, item.itemId);
      this.bySession.set(name, [...(this.bySession.get(name) ?? []), shown]);
    }
    const before = this.byRequest.get(requestId);
    const first = before ?? { partition, timeMs, windowMs };
    this.byRequest.set(requestId, { ...first, items, whose: new Set([...whose, ...(before?.whose ?? [])]) });
  }

  takeInteraction(interaction: CleanInteraction, partition: number): void {
    if (this.interactionIds.has(interaction.interactionId)) {
      this.duplicates.interactions++;
      return;
    }
    this.interactionIds.add(interaction.interactionId);
    this.interactions.push({ partition, interaction });
  }

  /** Fates that some interaction has, in the order of the table; none where one of the inputs was not read. */
  get counts(): readonly JoinCount[] {
    if (this.byRequest.size === 0) return [];
    const counts = new Map<JoinFate, JoinCount>();
    for (const waiting of this.interactions) {
      const fate = this.fateOf(waiting);
      const { interactions, example } = counts.get(fate) ?? {
        interactions: 0,
        example: waiting.interaction.interactionId,
      };
      counts.set(fate, { fate, interactions: interactions + 1, example });
    }
    return (Object.keys(JOIN_FATES) as JoinFate[]).flatMap((fate) => counts.get(fate) ?? []);
  }

  private fateOf({ partition, interaction }: Waiting): JoinFate {
    const { eventTimeMs, impressionId, requestId, itemId } = interaction;
    const found = this.shownTo(interaction);
    if (found === undefined) {
      if (eventTimeMs - longestWindowMs(this.windows) < this.firstMs || eventTimeMs > this.lastMs) return 'not-judged';
      return impressionId === null && requestId === null ? 'never-shown' : 'list-not-there';
    }
    if (!found.items.has(itemId)) return 'item-not-in-list';
    if (this.isKeyed && found.partition !== partition) return 'other-partition';
    if (![...whoseOf(interaction)].some((one) => found.whose.has(one))) return 'other-session';
    if (eventTimeMs < found.timeMs - CLOCK_SKEW_MS) return 'before-shown';
    if (eventTimeMs > found.timeMs + found.windowMs) return 'after-window';
    return 'joined';
  }

  private shownTo({ impressionId, requestId, session, itemId, eventTimeMs }: CleanInteraction): Shown | undefined {
    if (impressionId !== null) return this.byImpression.get(impressionId);
    if (requestId !== null) return this.byRequest.get(requestId);
    return this.shownBefore(session, itemId, eventTimeMs);
  }

  /** The most recent showing of an item to a session. */
  private shownBefore(session: string, itemId: string, timeMs: number): Shown | undefined {
    const showings = this.bySession.get(sessionItem(session, itemId)) ?? [];
    return showings
      .filter((shown) => shown.timeMs <= timeMs)
      .reduce<Shown | undefined>((last, shown) => (last && last.timeMs > shown.timeMs ? last : shown), undefined);
  }
}

function whoseOf({ session, user }: Pick<CleanList, 'session' | 'user'>): Set<string> {
  return new Set([`s${session}`, ...(user === null ? [] : [`u${user}`])]);
}

function sessionItem(session: string, itemId: string): string {
  return `${session}\0${itemId}`;
}

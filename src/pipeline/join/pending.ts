import type { CleanInteraction } from '../admitted.js';
import { mix, type Key, type KeyOf } from '../state/keys.js';
import { namesOf } from './names.js';

/** An interaction whose impression has not come yet, its request and impression id turned into keys. */
export interface PendingInteraction {
  readonly interaction: CleanInteraction;
  readonly key: Key;
  /** Event time after which it counts as unmatched. */
  readonly expiresMs: number;
}

/** An entry and whether it still waits. */
interface Entry extends PendingInteraction {
  isWaiting: boolean;
}

/** What waits for one impression, in order of arrival. */
interface Group {
  /** Those that expired stand among them until there are more of them than of the others. */
  entries: Entry[];
  waitingCount: number;
}

/**
 * Interactions that name an impression (by id, or by request and item) which has not been seen: the clocks of two
 * producers differ by a little. They wait for the allowed lateness of event time, and no more than `maxEntries` of them; one
 * with long ids counts for more, so that the bound is one in bytes too, `maxEntries` kB, whatever producers send.
 */
export class Pending {
  private readonly waiting = new Map<Key, Group>();
  private queue: Entry[] = [];
  /** Place in `queue` of the oldest entry still to look at. */
  private head = 0;
  private count = 0;
  /** Sum of {@link weightOf} over what waits. */
  private weight = 0;

  constructor(
    private readonly keyOf: KeyOf,
    private maxEntries: number,
  ) {}

  /** From here on so many may wait. */
  bound(maxEntries: number): void {
    this.maxEntries = maxEntries;
  }

  get size(): number {
    return this.count;
  }

  add(named: CleanInteraction, expiresMs: number): void {
    const names = namesOf(named, this.keyOf);
    const interaction = { ...named, requestId: null, impressionId: null, names };
    const key =
      names.impression !== null
        ? this.idKey(names.impression)
        : this.requestItemKey(names.request ?? this.keyOf(''), this.keyOf(interaction.itemId));
    const entry = { interaction, key, expiresMs, isWaiting: true };
    const group = this.waiting.get(key);
    if (group) {
      group.entries.push(entry);
      group.waitingCount++;
    } else this.waiting.set(key, { entries: [entry], waitingCount: 1 });
    this.queue.push(entry);
    this.count++;
    this.weight += weightOf(interaction);
    if (this.queue.length - this.head > 2 * this.count + LEAST_QUEUE) this.dropTaken();
  }

  /** Takes out what waits for an impression, by its id and by its request and item. */
  take(impressionId: string, requestKey: Key, itemKey: Key): readonly CleanInteraction[] {
    if (this.count === 0) return NOTHING;
    const byId = this.remove(this.idKey(this.keyOf(impressionId)));
    const byItem = this.remove(this.requestItemKey(requestKey, itemKey));
    return byId.length + byItem.length === 0 ? NOTHING : [...byId, ...byItem].map(({ interaction }) => interaction);
  }

  /** Takes out what has waited too long at `turnMs`, or is too much, oldest first. */
  expire(turnMs: number): readonly CleanInteraction[] {
    if (this.count === 0) return NOTHING;
    const expired: CleanInteraction[] = [];
    for (; this.head < this.queue.length; this.head++) {
      const entry = this.queue[this.head]!;
      if (!entry.isWaiting) continue;
      if (entry.expiresMs >= turnMs && this.weight <= this.maxEntries) break;
      this.drop(entry);
      this.count--;
      this.weight -= weightOf(entry.interaction);
      expired.push(entry.interaction);
    }
    if (this.head > LEAST_QUEUE && this.head * 2 > this.queue.length) this.dropTaken();
    return expired;
  }

  /** What waits, in order of arrival, for a checkpoint. */
  capture(): readonly PendingInteraction[] {
    return this.queue.slice(this.head).filter(({ isWaiting }) => isWaiting);
  }

  /** Takes an entry out of its group, at a constant cost on average: thousands may name one impression. */
  private drop(entry: Entry): void {
    entry.isWaiting = false;
    const group = this.waiting.get(entry.key)!;
    if (--group.waitingCount === 0) this.waiting.delete(entry.key);
    else if (group.entries.length > 2 * group.waitingCount + LEAST_GROUP)
      group.entries = group.entries.filter(({ isWaiting }) => isWaiting);
  }

  // Those that found their impression stand in the queue until then: it must not grow with the stream.
  private dropTaken(): void {
    this.queue = this.queue.slice(this.head).filter(({ isWaiting }) => isWaiting);
    this.head = 0;
  }

  restore(entries: readonly PendingInteraction[]): void {
    this.waiting.clear();
    this.queue = [];
    this.head = 0;
    this.count = 0;
    this.weight = 0;
    for (const { interaction, expiresMs } of entries) this.add(interaction, expiresMs);
  }

  private remove(key: Key): readonly PendingInteraction[] {
    const group = this.waiting.get(key);
    if (!group) return [];
    this.waiting.delete(key);
    this.count -= group.waitingCount;
    const found = group.entries.filter(({ isWaiting }) => isWaiting);
    for (const entry of found) {
      entry.isWaiting = false;
      this.weight -= weightOf(entry.interaction);
    }
    return found;
  }

  private idKey(impression: Key): Key {
    return mix(1, impression);
  }

  private requestItemKey(requestKey: Key, itemKey: Key): Key {
    return mix(2, mix(requestKey, itemKey));
  }
}

/** What a waiting interaction costs at the most for its number: with ids of usual length it costs less. */
const BYTES_AN_ENTRY = 1_024;
/** What is in them besides texts: objects, keys and places in map and queue. */
const FIXED_BYTES = 450;

/** How many interactions of usual size it counts for. */
function weightOf({ interactionId, session, user, itemId }: CleanInteraction): number {
  const characters = interactionId.length + session.length + (user?.length ?? 0) + itemId.length;
  return Math.max(1, Math.ceil((FIXED_BYTES + 2 * characters) / BYTES_AN_ENTRY));
}

const NOTHING: readonly CleanInteraction[] = [];
const LEAST_QUEUE = 1024;
const LEAST_GROUP = 16;

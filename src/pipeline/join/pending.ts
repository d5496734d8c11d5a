import type { CleanInteraction } from '../admitted.js';
import { mix, type Key, type KeyOf } from '../state/keys.js';

/** An interaction whose impression has not come yet. */
export interface PendingInteraction {
  readonly interaction: CleanInteraction;
  readonly key: Key;
  /** Event time after which it counts as unmatched. */
  readonly expiresMs: number;
}

/**
 * Interactions that name an impression (by id, or by request and item) which has not been seen: the clocks of two
 * producers differ by a little. They wait for the allowed lateness of event time, and no more than `maxEntries` of them; one
 * with long ids counts for more, so that the bound is one in bytes too, `maxEntries` kB, whatever producers send.
 */
export class Pending {
  private readonly waiting = new Map<Key, PendingInteraction[]>();
  private queue: PendingInteraction[] = [];
  /** Place in `queue` of the oldest entry still to look at. */
  private head = 0;
  private count = 0;
  /** Sum of {@link weightOf} over what waits. */
  private weight = 0;

  constructor(
    private readonly keyOf: KeyOf,
    private readonly maxEntries: number,
  ) {}

  get size(): number {
    return this.count;
  }

  add(interaction: CleanInteraction, expiresMs: number): void {
    const key =
      interaction.impressionId !== null
        ? this.idKey(interaction.impressionId)
        : this.requestItemKey(this.keyOf(interaction.requestId ?? ''), this.keyOf(interaction.itemId));
    const entry = { interaction, key, expiresMs };
    const waiting = this.waiting.get(key);
    if (waiting) waiting.push(entry);
    else this.waiting.set(key, [entry]);
    this.queue.push(entry);
    this.count++;
    this.weight += weightOf(interaction);
    if (this.queue.length - this.head > 2 * this.count + LEAST_QUEUE) this.dropTaken();
  }

  /** Takes out what waits for an impression, by its id and by its request and item. */
  take(impressionId: string, requestKey: Key, itemKey: Key): readonly CleanInteraction[] {
    if (this.count === 0) return NOTHING;
    const byId = this.remove(this.idKey(impressionId));
    const byItem = this.remove(this.requestItemKey(requestKey, itemKey));
    return byId.length + byItem.length === 0 ? NOTHING : [...byId, ...byItem].map(({ interaction }) => interaction);
  }

  /** Takes out what has waited too long at `turnMs`, or is too much, oldest first. */
  expire(turnMs: number): readonly CleanInteraction[] {
    if (this.count === 0) return NOTHING;
    const expired: CleanInteraction[] = [];
    for (; this.head < this.queue.length; this.head++) {
      const entry = this.queue[this.head]!;
      const waiting = this.waiting.get(entry.key);
      if (!waiting?.includes(entry)) continue;
      if (entry.expiresMs >= turnMs && this.weight <= this.maxEntries) break;
      if (waiting.length === 1) this.waiting.delete(entry.key);
      else waiting.splice(waiting.indexOf(entry), 1);
      this.count--;
      this.weight -= weightOf(entry.interaction);
      expired.push(entry.interaction);
    }
    if (this.head > LEAST_QUEUE && this.head * 2 > this.queue.length) this.dropTaken();
    return expired;
  }

  /** What waits, in order of arrival, for a checkpoint. */
  capture(): readonly PendingInteraction[] {
    return this.queue.slice(this.head).filter((entry) => this.waiting.get(entry.key)?.includes(entry));
  }

  // Those that found their impression stand in the queue until then: it must not grow with the stream.
  private dropTaken(): void {
    this.queue = [...this.capture()];
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
    const found = this.waiting.get(key);
    if (!found) return [];
    this.waiting.delete(key);
    this.count -= found.length;
    for (const { interaction } of found) this.weight -= weightOf(interaction);
    return found;
  }

  private idKey(impressionId: string): Key {
    return mix(1, this.keyOf(impressionId));
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
function weightOf({ interactionId, session, user, itemId, requestId, impressionId }: CleanInteraction): number {
  const characters =
    interactionId.length +
    session.length +
    (user?.length ?? 0) +
    itemId.length +
    (requestId?.length ?? 0) +
    (impressionId?.length ?? 0);
  return Math.max(1, Math.ceil((FIXED_BYTES + 2 * characters) / BYTES_AN_ENTRY));
}

const NOTHING: readonly CleanInteraction[] = [];
const LEAST_QUEUE = 1024;

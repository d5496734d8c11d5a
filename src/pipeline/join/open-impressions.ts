import type { ShownList } from '../shown.js';
import type { CapturedColumns, Column } from '../state/captured.js';
import type { Key } from '../state/keys.js';
import { RowPages } from './row-pages.js';

/**
 * The impressions whose outcome is not final yet, and for a while those whose outcome is. They are opened in event-time
 * order and their windows have one length, so they close in the order they were opened: a ring, not a heap. An impression
 * is named by its sequence number; `sequence & mask` is its place in the columns.
 *
 *     retainedFrom ── closed, remembered for late interactions ── openFrom ── open ── end
 */
export class OpenImpressions {
  private mask = INITIAL_CAPACITY - 1;
  /** Event time of the impression, ms. */
  timeMs = new Float64Array(INITIAL_CAPACITY);
  /** Key of the impression's id: duplicates, explicit ids and coins go by it. */
  impressionKey = new Float64Array(INITIAL_CAPACITY);
  itemKey = new Float64Array(INITIAL_CAPACITY);
  /** Sum of the values of joined interactions. */
  value = new Float64Array(INITIAL_CAPACITY);
  /** Rank of the strongest interaction so far, −1 for none (`strength`). */
  rank = new Int8Array(INITIAL_CAPACITY);
  /** 1 once an interaction reached the goal: counters count an impression's click once. */
  reachedGoal = new Uint8Array(INITIAL_CAPACITY);
  /** Flag bits (`FLAG_BITS`) so far, and {@link ACTED}. */
  flags = new Uint8Array(INITIAL_CAPACITY);
  /** Sequence number of its list. */
  listSequence = new Float64Array(INITIAL_CAPACITY);

  readonly rows: RowPages;
  retainedFrom = 0;
  openFrom = 0;
  end = 0;

  constructor(readonly columnCount: number) {
    this.rows = new RowPages(columnCount);
  }

  get openCount(): number {
    return this.end - this.openFrom;
  }

  /** Place of a sequence number in the columns. */
  slot(sequence: number): number {
    return sequence & this.mask;
  }

  /** Adds `count` impressions and returns the sequence number of the first; columns are the caller's to fill. */
  append(count: number): number {
    while (this.end - this.retainedFrom + count > this.mask + 1) this.grow();
    const first = this.end;
    this.end += count;
    return first;
  }

  /** Marks an impression as acted on. @returns true the first time */
  markActed(sequence: number): boolean {
    const slot = this.slot(sequence);
    const isFirst = (this.flags[slot]! & ACTED) === 0;
    this.flags[slot]! |= ACTED;
    return isFirst;
  }

  /** Forgets closed impressions before a sequence number. */
  forgetBefore(sequence: number): void {
    this.retainedFrom = Math.max(this.retainedFrom, Math.min(sequence, this.openFrom));
  }

  /** Copies of the remembered part of every column, oldest first, for a checkpoint. */
  capture(): CapturedColumns {
    const count = this.end - this.retainedFrom;
    const from = this.slot(this.retainedFrom);
    const untilWrap = Math.min(count, this.mask + 1 - from);
    const copied = <T extends Column>(column: T, copy: T): T => {
      copy.set(column.subarray(from, from + untilWrap));
      copy.set(column.subarray(0, count - untilWrap), untilWrap);
      return copy;
    };
    const { timeMs, impressionKey, itemKey, value, rank, reachedGoal, flags, listSequence } = this;
    return {
      timeMs: copied(timeMs, new Float64Array(count)),
      impressionKey: copied(impressionKey, new Float64Array(count)),
      itemKey: copied(itemKey, new Float64Array(count)),
      value: copied(value, new Float64Array(count)),
      rank: copied(rank, new Int8Array(count)),
      reachedGoal: copied(reachedGoal, new Uint8Array(count)),
      flags: copied(flags, new Uint8Array(count)),
      listSequence: copied(listSequence, new Float64Array(count)),
    };
  }

  /** Takes over what {@link capture} gave; no feature row is in it. */
  restore(
    captured: CapturedColumns,
    at: { readonly retainedFrom: number; readonly openFrom: number; readonly end: number },
  ): void {
    this.retainedFrom = this.openFrom = this.end = at.retainedFrom;
    this.append(at.end - at.retainedFrom);
    this.openFrom = at.openFrom;
    const columns = {
      timeMs: this.timeMs,
      impressionKey: this.impressionKey,
      itemKey: this.itemKey,
      value: this.value,
      rank: this.rank,
      reachedGoal: this.reachedGoal,
      flags: this.flags,
      listSequence: this.listSequence,
    };
    for (const [name, column] of Object.entries(columns)) {
      const saved = captured[name] ?? [];
      for (let i = 0; i < saved.length; i++) column[this.slot(at.retainedFrom + i)] = saved[i] as number;
    }
  }

  private grow(): void {
    const capacity = (this.mask + 1) * 2;
    const mask = capacity - 1;
    const moved = <T extends Float64Array | Int8Array | Uint8Array>(from: T, to: T): T => {
      for (let sequence = this.retainedFrom; sequence < this.end; sequence++)
        to[sequence & mask] = from[sequence & this.mask]!;
      return to;
    };
    this.timeMs = moved(this.timeMs, new Float64Array(capacity));
    this.impressionKey = moved(this.impressionKey, new Float64Array(capacity));
    this.itemKey = moved(this.itemKey, new Float64Array(capacity));
    this.value = moved(this.value, new Float64Array(capacity));
    this.rank = moved(this.rank, new Int8Array(capacity));
    this.reachedGoal = moved(this.reachedGoal, new Uint8Array(capacity));
    this.flags = moved(this.flags, new Uint8Array(capacity));
    this.listSequence = moved(this.listSequence, new Float64Array(capacity));
    this.mask = mask;
  }
}

/** One shown list as the join knows it. */
export interface OpenList {
  readonly sequence: number;
  readonly shown: ShownList;
  /** Sequence number of its first impression; the others follow. */
  readonly firstImpression: number;
  /** Weight of all lists before it, and its own. */
  readonly weightBefore: number;
  readonly weight: number;
  readonly sessionKey: Key;
  readonly requestKey: Key;
  /** Sequence number of the session's list before this one, −1 for none. */
  readonly previousOfSession: number;
  /** Sequence number of an earlier list of the same request (result pages), −1 for none. */
  readonly previousOfRequest: number;
}

/** Bit in `flags` of an impression that somebody clicked, whether that joined or was diverted. */
const ACTED = 0x80;

const INITIAL_CAPACITY = 4096;

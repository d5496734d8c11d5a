import { allocate, copyRows, type Bundle, type ColumnsOf } from '../../bundle/bundle.js';
import { OPEN, OPEN_STORED_AS, type OpenLayout } from '../../bundle/sample.js';
import type { ShownList } from '../shown.js';
import type { CapturedColumns } from '../state/captured.js';
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
  private mask: number;
  private bundle: Bundle<OpenLayout>;
  readonly rows: RowPages;
  retainedFrom = 0;
  openFrom = 0;
  end = 0;

  /** @param capacity rows that it has room for at first; a power of two */
  constructor(
    readonly columnCount: number,
    capacity = INITIAL_CAPACITY,
  ) {
    this.mask = capacity - 1;
    this.bundle = allocate(OPEN, capacity);
    this.rows = new RowPages(columnCount);
  }

  /** Its columns, by {@link slot}; others once {@link append} has made room. */
  get columns(): Readonly<ColumnsOf<OpenLayout>> {
    return this.bundle;
  }

  get openCount(): number {
    return this.end - this.openFrom;
  }

  /** Place of a sequence number in the columns. */
  slot(sequence: number): number {
    return sequence & this.mask;
  }

  /**
   * Adds `count` impressions that nobody has acted on yet; the other columns are the caller's to fill.
   * @returns the sequence number of the first
   */
  append(count: number): number {
    while (this.end - this.retainedFrom + count > this.mask + 1) this.grow();
    const first = this.end;
    this.end += count;
    const { values, ranks, reachedGoal, flags } = this.bundle;
    for (let sequence = first; sequence < this.end; sequence++) {
      const slot = this.slot(sequence);
      values[slot] = 0;
      ranks[slot] = -1;
      reachedGoal[slot] = 0;
      flags[slot] = 0;
    }
    return first;
  }

  /** Marks an impression as acted on. @returns true the first time */
  markActed(sequence: number): boolean {
    const { flags } = this.bundle;
    const slot = this.slot(sequence);
    const isFirst = (flags[slot]! & ACTED) === 0;
    flags[slot]! |= ACTED;
    return isFirst;
  }

  /** Marks an impression as one that nobody is held to have seen: it closes without becoming a sample. */
  markUnexamined(sequence: number): void {
    this.bundle.flags[this.slot(sequence)]! |= UNEXAMINED;
  }

  isUnexamined(sequence: number): boolean {
    return (this.bundle.flags[this.slot(sequence)]! & UNEXAMINED) !== 0;
  }

  /** The stretches of [from, to) without what is marked as unexamined. */
  *examinedIn(from: number, to: number): Generator<readonly [from: number, to: number]> {
    for (let at = from; at < to;) {
      while (at < to && this.isUnexamined(at)) at++;
      const first = at;
      while (at < to && !this.isUnexamined(at)) at++;
      if (at > first) yield [first, at];
    }
  }

  /** Forgets closed impressions before a sequence number. */
  forgetBefore(sequence: number): void {
    this.retainedFrom = Math.max(this.retainedFrom, Math.min(sequence, this.openFrom));
  }

  /**
   * Copies `count` impressions from sequence number `first` on into other columns, of which `layout` names those to copy.
   * @param into receives them from row `at` on
   */
  copyOut<Name extends keyof OpenLayout>(
    layout: Pick<OpenLayout, Name>,
    first: number,
    count: number,
    into: Readonly<ColumnsOf<Pick<OpenLayout, Name>>>,
    at = 0,
  ): void {
    const from = this.bundle as unknown as ColumnsOf<Pick<OpenLayout, Name>>;
    this.runs(first, count, (slot, done, length) => copyRows(layout, from, slot, into, at + done, length));
  }

  /** Copies of the remembered part of every column, oldest first, for a checkpoint. */
  capture(): CapturedColumns {
    const count = this.end - this.retainedFrom;
    const copies = allocate(OPEN, count);
    this.copyOut(OPEN, this.retainedFrom, count, copies);
    return Object.fromEntries(OPEN_NAMES.map((name) => [OPEN_STORED_AS[name], copies[name]]));
  }

  /** Takes over what {@link capture} gave; no feature row is in it. */
  restore(
    captured: CapturedColumns,
    at: { readonly retainedFrom: number; readonly openFrom: number; readonly end: number },
  ): void {
    const count = at.end - at.retainedFrom;
    const saved = allocate(OPEN, count);
    for (const name of OPEN_NAMES) {
      const column = captured[OPEN_STORED_AS[name]];
      if (ArrayBuffer.isView(column)) saved[name].set(column);
    }
    this.retainedFrom = this.openFrom = this.end = at.retainedFrom;
    this.append(count);
    this.openFrom = at.openFrom;
    this.runs(at.retainedFrom, count, (slot, done, length) => copyRows(OPEN, saved, done, this.bundle, slot, length));
  }

  private grow(): void {
    const mask = 2 * (this.mask + 1) - 1;
    const larger = allocate(OPEN, mask + 1);
    // A stretch that the smaller ring keeps together stays together in the larger one.
    this.runs(this.retainedFrom, this.end - this.retainedFrom, (slot, done, length) =>
      copyRows(OPEN, this.bundle, slot, larger, (this.retainedFrom + done) & mask, length),
    );
    this.bundle = larger;
    this.mask = mask;
  }

  /** Visits the stretches of [first, first + count) that lie together in the ring, one behind the other. */
  private runs(first: number, count: number, visit: (slot: number, done: number, length: number) => void): void {
    const { mask } = this;
    for (let done = 0; done < count;) {
      const slot = (first + done) & mask;
      const length = Math.min(count - done, mask + 1 - slot);
      visit(slot, done, length);
      done += length;
    }
  }
}

const OPEN_NAMES = Object.keys(OPEN) as (keyof OpenLayout)[];

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

/** Bit in `flags` of a closed impression that nobody is held to have seen. */
const UNEXAMINED = 0x40;

const INITIAL_CAPACITY = 4096;

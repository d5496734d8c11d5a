import { recordSize } from '../../ports/record-size.js';
import type { LogRecord } from '../../ports/transport.js';

/**
 * Reading position in one topic partition and the bounded buffer in front of it. Positions are exact: a response is taken
 * only when it answers the position that is wanted now, so a seek forgets whatever is still on its way.
 */
export class Cursor {
  /** Next offset to fetch; undefined until the first seek: nothing is fetched before. */
  private nextOffset: number | undefined;
  /** Moves on every seek. */
  private generation = 0;
  private buffer: LogRecord[] = [];
  /** Records before this index were handed out. */
  private head = 0;
  private bufferedBytes = 0;
  private failure: Error | undefined;
  private waiting: (() => void)[] = [];
  private isClosed = false;
  /** The next offset to be written as of {@link endAsOfMs}: what an open transaction hides is before it. */
  private end = Infinity;
  private endAsOf = -Infinity;
  /** True while a fetch that includes this cursor is on its way. */
  isInFlight = false;

  constructor(
    readonly topic: string,
    readonly partition: number,
    private readonly maxBufferedBytes: number,
    /** Called when there is room again, or a new position. */
    private readonly onHungry: () => void,
  ) {}

  get position(): number | undefined {
    return this.nextOffset;
  }

  get isEmpty(): boolean {
    return this.head === this.buffer.length;
  }

  get hasFailed(): boolean {
    return this.failure !== undefined;
  }

  get buffered(): number {
    return this.bufferedBytes;
  }

  /** True when a fetch should include this cursor: a position, no failure, and the buffer at most half full. */
  get isHungry(): boolean {
    return (
      !this.isClosed &&
      !this.isInFlight &&
      !this.failure &&
      this.nextOffset !== undefined &&
      this.bufferedBytes <= this.maxBufferedBytes / 2
    );
  }

  /** Bytes a fetch may bring, so that the buffer stays within its bound (a single larger batch excepted). */
  get room(): number {
    return Math.max(1, Math.floor(this.maxBufferedBytes - this.bufferedBytes));
  }

  /** Identifies the position a fetch asks for. */
  get ticket(): number {
    return this.generation;
  }

  /** Monotonic time at which the end of the log was as {@link isAtEnd} takes it, or later. */
  get endAsOfMs(): number {
    return this.endAsOf;
  }

  /** True when everything up to the end of the log, as known, has been handed out. */
  get isAtEnd(): boolean {
    return this.isEmpty && this.nextOffset !== undefined && this.nextOffset >= this.end;
  }

  /** Learns where the log ended when somebody asked, at a monotonic time; the newest answer counts. */
  learnEnd(offset: number, askedAtMs: number): void {
    if (askedAtMs < this.endAsOf) return;
    this.end = offset;
    this.endAsOf = askedAtMs;
  }

  seek(offset: number): void {
    this.generation++;
    this.nextOffset = offset;
    this.buffer = [];
    this.head = 0;
    this.bufferedBytes = 0;
    this.failure = undefined;
    this.notify();
    this.onHungry();
  }

  /** Takes in what a fetch from `askedOffset` brought; answers to another position than the present one are dropped. */
  accept(ticket: number, askedOffset: number, records: readonly LogRecord[], nextOffset: number): void {
    if (ticket !== this.generation || askedOffset !== this.nextOffset || this.isClosed) return;
    for (const record of records) {
      this.buffer.push(record);
      this.bufferedBytes += recordSize(record);
    }
    if (nextOffset !== this.nextOffset || records.length > 0) {
      this.nextOffset = nextOffset;
      this.notify();
    }
  }

  /** Ends reading at this position with an error that the next `take` throws; a seek clears it. */
  fail(ticket: number, error: Error): void {
    if (ticket !== this.generation) return;
    this.failure = error;
    this.notify();
  }

  /** The oldest records up to about `maxBytes`, at least one when there is one. Throws the failure once nothing is left before it. */
  take(maxBytes: number): LogRecord[] {
    if (this.isEmpty && this.failure) throw this.failure;
    const start = this.head;
    let bytes = 0;
    while (this.head < this.buffer.length && (bytes === 0 || bytes < maxBytes))
      bytes += recordSize(this.buffer[this.head++]!);
    const taken = this.buffer.slice(start, this.head);
    this.bufferedBytes -= bytes;
    if (this.isEmpty || this.head > 4_096) {
      this.buffer = this.buffer.slice(this.head);
      this.head = 0;
    }
    if (taken.length > 0) this.onHungry();
    return taken;
  }

  /** Resolves when something changed: records, position, failure or the end. */
  changed(): Promise<void> {
    if (this.isClosed) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Wakes all waiters without a change. */
  notify(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const wake of waiting) wake();
  }

  close(): void {
    this.isClosed = true;
    this.generation++;
    this.buffer = [];
    this.head = 0;
    this.bufferedBytes = 0;
    this.notify();
  }
}

import type { LogRecord } from '../../ports/transport.js';
import type { Timed } from '../admitted.js';
import type { ReadPoint } from './held-ahead.js';

/** An event waiting for its turn. */
export interface Waiting {
  readonly event: Timed;
  /** Event time at which it is processed. */
  readonly turnMs: number;
  readonly readPoint: ReadPoint;
  /** The message itself, kept only when it came later than the allowed lateness: it may become a dead letter. */
  readonly lateRecord: LogRecord | undefined;
}

/** A binary min-heap of events by (turn, impressions first, offset, part). */
export class EventHeap {
  private readonly entries: Waiting[] = [];
  private byteCount = 0;

  get size(): number {
    return this.entries.length;
  }

  /** Sum of the message sizes held. */
  get bytes(): number {
    return this.byteCount;
  }

  peek(): Waiting | undefined {
    return this.entries[0];
  }

  all(): readonly Waiting[] {
    return this.entries;
  }

  push(waiting: Waiting): void {
    this.byteCount += waiting.event.bytes;
    let at = this.entries.length;
    this.entries.push(waiting);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!goesBefore(waiting, this.entries[parent]!)) break;
      this.entries[at] = this.entries[parent]!;
      at = parent;
    }
    this.entries[at] = waiting;
  }

  /** Removes and returns the first. @throws when empty */
  pop(): Waiting {
    const first = this.entries[0];
    const last = this.entries.pop();
    if (!first || !last) throw new RangeError('the heap is empty');
    this.byteCount -= first.event.bytes;
    if (this.entries.length > 0) this.sink(last);
    return first;
  }

  private sink(waiting: Waiting): void {
    const size = this.entries.length;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && goesBefore(this.entries[child + 1]!, this.entries[child]!)) child++;
      if (!goesBefore(this.entries[child]!, waiting)) break;
      this.entries[at] = this.entries[child]!;
      at = child;
    }
    this.entries[at] = waiting;
  }
}

function goesBefore(a: Waiting, b: Waiting): boolean {
  if (a.turnMs !== b.turnMs) return a.turnMs < b.turnMs;
  if (a.event.input !== b.event.input) return a.event.input === 'impressions';
  if (a.event.offset !== b.event.offset) return a.event.offset < b.event.offset;
  return (a.event.part ?? 0) < (b.event.part ?? 0);
}

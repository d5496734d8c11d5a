import type { InputName, InputOffsets, LogRecord } from '../../ports/transport.js';
import type { Admitted } from '../admitted.js';
import { EventHeap, type Waiting } from './event-heap.js';
import { Watermark, type WatermarkStart } from './watermark.js';

/**
 * A point at which the order was decided by something else than the input, as it must be repeated on a re-read: standing
 * before these offsets, the watermark was raised to `floorMs` by the wall clock, or (null) everything waiting was let go.
 */
export interface ForcedAdvance extends InputOffsets {
  readonly floorMs: number | null;
}

/**
 * Puts the events of both inputs in event-time order, however their reads interleaved.
 *
 * An event is processed at its turn, which {@link Watermark} gives it: a function of its own topic's log and the recorded
 * floors alone. Every event whose turn is before the watermark is let go in the order (turn, impressions first, offset). An
 * event that arrives later has its turn at or after the watermark, so the order of processing is the same whatever batches
 * and pauses the reads saw.
 *
 * The topic that is ahead is so held back by the watermark; {@link raiseFloor} is the bound on that wait.
 */
export class Reorder {
  readonly watermark: Watermark;
  private readonly heap = new EventHeap();
  private readonly next: Record<InputName, number>;
  private raises = 0;
  /** True when an event admitted since the last raise took its turn from the floor, or may have. */
  private floorUsed = true;
  /** Events of a re-read with their turn before this were applied before the state was captured. */
  private readonly appliedBeforeMs: number;

  constructor(allowedLatenessMs: number, start: ReorderStart) {
    this.watermark = new Watermark(allowedLatenessMs, start);
    this.next = { ...start.offsets };
    this.appliedBeforeMs = start.watermarkMs;
  }

  /** Event time up to which the stream is complete; never goes back. */
  get watermarkMs(): number {
    return this.watermark.ms;
  }

  /** Next offset to admit, per input. */
  get offsets(): InputOffsets {
    return { ...this.next };
  }

  get waitingCount(): number {
    return this.heap.size;
  }

  get waitingBytes(): number {
    return this.heap.bytes;
  }

  /** Times the watermark was raised by decree, those of a re-read included. */
  get raiseCount(): number {
    return this.raises;
  }

  /** Event time from the event whose turn is next to the newest one of both inputs; 0 when none waits. */
  get waitingSpanMs(): number {
    const next = this.heap.peek();
    return next ? this.watermark.newestOfAllMs - next.event.timeMs : 0;
  }

  /** From here on another lateness is allowed. */
  allow(latenessMs: number): void {
    this.watermark.allow(latenessMs);
  }

  /** Takes an event in, in its topic's offset order. A rejected one has no time: it only moves the position. */
  admit(event: Admitted, record: LogRecord): void {
    this.next[event.input] = event.offset + 1;
    if (event.kind === 'rejected') return;
    const { turnMs, isByFloor, newestBeforeMs } = this.watermark.turnOf(event.input, event.timeMs);
    if (isByFloor) this.floorUsed = true;
    if (turnMs < this.appliedBeforeMs) return;
    const lateRecord = event.kind === 'list' && turnMs > event.timeMs ? record : undefined;
    this.heap.push({ event, turnMs, newestBeforeMs, floorMs: this.watermark.floorMs, lateRecord });
  }

  /** Raises the watermark by decree. Returns what to record so that a re-read does the same. */
  raiseFloor(floorMs: number): ForcedAdvance {
    this.raises++;
    this.floorUsed = false;
    this.watermark.raiseFloor(floorMs);
    return { ...this.next, floorMs };
  }

  /**
   * The turn of an event that is late and waits for nothing but time: the floor, not the input, holds the watermark where
   * it is, and the event is older than that. undefined: there is none.
   */
  get lateTurnMs(): number | undefined {
    const first = this.heap.peek();
    const { isAtFloor, ms } = this.watermark;
    const isLate = first !== undefined && first.event.timeMs < first.turnMs && first.turnMs <= ms;
    return isAtFloor && isLate ? first.turnMs : undefined;
  }

  /** True when nothing depends on the last raise of the floor any more that a later, higher one would not give too. */
  get isLastRaiseIdle(): boolean {
    return !this.floorUsed;
  }

  /**
   * The input was declared complete: the floor goes as far as the input that is ahead allows, which is as far as any read order
   * could have brought it, so that what comes later has its turn alike. Returns what to record.
   */
  letGo(): ForcedAdvance {
    this.raiseFloor(this.watermark.furthestMs);
    this.floorUsed = true;
    return { ...this.next, floorMs: null };
  }

  /** Lets go every event whose turn is before the watermark, in order. */
  release(): Waiting[] {
    return this.releaseBefore(this.watermark.ms);
  }

  /** Lets go everything, in order: the end of the input was declared. */
  releaseAll(): Waiting[] {
    return this.releaseBefore(Infinity);
  }

  /**
   * Where a re-read must begin to see every event still waiting, and what the input looked like just before it.
   * With nothing waiting that is here.
   */
  rewindPoint(): ReorderStart {
    const offsets = { ...this.next };
    const { watermark } = this;
    const newestMs = {
      impressions: watermark.newestTimeMs('impressions'),
      interactions: watermark.newestTimeMs('interactions'),
    };
    let { floorMs } = watermark;
    for (const { event, newestBeforeMs, floorMs: floorThenMs } of this.heap.all()) {
      floorMs = Math.min(floorMs, floorThenMs);
      if (event.offset >= offsets[event.input]) continue;
      offsets[event.input] = event.offset;
      newestMs[event.input] = newestBeforeMs;
    }
    return { offsets, readTo: { ...this.next }, newestMs, floorMs, watermarkMs: watermark.ms };
  }

  private releaseBefore(limitMs: number): Waiting[] {
    const released: Waiting[] = [];
    for (
      let first = this.heap.peek();
      first && (first.turnMs < limitMs || limitMs === Infinity);
      first = this.heap.peek()
    ) {
      released.push(this.heap.pop());
    }
    return released;
  }
}

/** The input's position and clocks at a point of the log. */
export interface ReorderStart extends WatermarkStart {
  readonly offsets: InputOffsets;
  /** How far the input had been read when the state was captured: at `offsets` or after. */
  readonly readTo: InputOffsets;
}

/** The start of an application whose input begins at some offsets. */
export function beginningAt(offsets: InputOffsets): ReorderStart {
  return { ...FROM_THE_BEGINNING, offsets, readTo: offsets };
}

/** The start of an application that has read nothing. */
export const FROM_THE_BEGINNING: ReorderStart = {
  offsets: { impressions: 0, interactions: 0 },
  readTo: { impressions: 0, interactions: 0 },
  newestMs: { impressions: -Infinity, interactions: -Infinity },
  floorMs: -Infinity,
  watermarkMs: -Infinity,
};

import type { InputName, InputOffsets, LogRecord } from '../../ports/transport.js';
import type { Admitted } from '../admitted.js';
import { EventHeap, type Waiting } from './event-heap.js';

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
 * An event is processed at its turn: max(event time, newest event time of its own topic − allowed lateness, floor). That
 * is a function of its own topic's log and the recorded floors alone. The watermark is the lower of the two topics'
 * newest event times minus the lateness, never below the floor, and every event whose turn is before the watermark is let
 * go in the order (turn, impressions first, offset). An event that arrives later has its turn at or after the watermark,
 * so the order of processing is the same whatever batches and pauses the reads saw.
 *
 * The topic that is ahead is so held back by the watermark; {@link raiseFloor} is the bound on that wait.
 */
export class Reorder {
  private readonly heap = new EventHeap();
  private readonly newestMs: Record<InputName, number> = { impressions: -Infinity, interactions: -Infinity };
  private readonly next: Record<InputName, number>;
  private floorMs = -Infinity;
  private raises = 0;
  private watermark = -Infinity;
  /** True when an event admitted since the last raise took its turn from the floor, or may have. */
  private floorUsed = true;

  constructor(
    private allowedLatenessMs: number,
    start: ReorderStart,
  ) {
    this.next = { ...start.offsets };
    this.newestMs = { ...start.newestMs };
    this.floorMs = start.floorMs;
    this.watermark = start.watermarkMs;
    this.appliedBeforeMs = start.watermarkMs;
  }

  /** Events of a re-read with their turn before this were applied before the state was captured. */
  private readonly appliedBeforeMs: number;

  /** Event time up to which the stream is complete; never goes back. */
  get watermarkMs(): number {
    return this.watermark;
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
    return next ? Math.max(this.newestMs.impressions, this.newestMs.interactions) - next.event.timeMs : 0;
  }

  /** Newest event time of an input so far; −Infinity before its first. */
  newestTimeMs(input: InputName): number {
    return this.newestMs[input];
  }

  /** From here on another lateness is allowed. The watermark never goes back. */
  allow(latenessMs: number): void {
    this.allowedLatenessMs = latenessMs;
    this.watermark = Math.max(this.watermark, this.naturalWatermarkMs());
  }

  /** Takes an event in, in its topic's offset order. A rejected one has no time: it only moves the position. */
  admit(event: Admitted, record: LogRecord): void {
    this.next[event.input] = event.offset + 1;
    if (event.kind === 'rejected') return;
    const before = this.newestMs[event.input];
    const newest = Math.max(before, event.timeMs);
    const naturalMs = Math.max(event.timeMs, newest - this.allowedLatenessMs);
    const turnMs = Math.max(naturalMs, this.floorMs);
    if (turnMs > naturalMs) this.floorUsed = true;
    this.newestMs[event.input] = newest;
    if (turnMs >= this.appliedBeforeMs) {
      const lateRecord = event.kind === 'list' && turnMs > event.timeMs ? record : undefined;
      this.heap.push({ event, turnMs, newestBeforeMs: before, floorMs: this.floorMs, lateRecord });
    }
    this.watermark = Math.max(this.watermark, this.naturalWatermarkMs());
  }

  /** Raises the watermark by decree. Returns what to record so that a re-read does the same. */
  raiseFloor(floorMs: number): ForcedAdvance {
    this.raises++;
    this.floorMs = Math.max(this.floorMs, floorMs);
    this.floorUsed = false;
    this.watermark = Math.max(this.watermark, this.floorMs);
    return { ...this.next, floorMs };
  }

  /**
   * The turn of an event that is late and waits for nothing but time: the floor, not the input, holds the watermark where
   * it is, and the event is older than that. undefined: there is none.
   */
  get lateTurnMs(): number | undefined {
    const first = this.heap.peek();
    const isHeldByFloor = this.floorMs === this.watermark && this.floorMs > this.naturalWatermarkMs();
    const isLate = first !== undefined && first.event.timeMs < first.turnMs && first.turnMs <= this.watermark;
    return isHeldByFloor && isLate ? first.turnMs : undefined;
  }

  /** True when nothing depends on the last raise of the floor any more that a later, higher one would not give too. */
  get isLastRaiseIdle(): boolean {
    return !this.floorUsed;
  }

  /**
   * The input was declared complete: the floor goes to the newest event of both less the lateness, as far as any read order
   * could have brought it, so that what comes later has its turn alike. Returns what to record.
   */
  letGo(): ForcedAdvance {
    this.raiseFloor(Math.max(this.newestMs.impressions, this.newestMs.interactions) - this.allowedLatenessMs);
    this.floorUsed = true;
    return { ...this.next, floorMs: null };
  }

  /** The watermark the inputs alone would allow. */
  naturalWatermarkMs(): number {
    return Math.min(this.newestMs.impressions, this.newestMs.interactions) - this.allowedLatenessMs;
  }

  /** Lets go every event whose turn is before the watermark, in order. */
  release(): Waiting[] {
    return this.releaseBefore(this.watermark);
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
    const newestMs = { ...this.newestMs };
    let floorMs = this.floorMs;
    for (const { event, newestBeforeMs, floorMs: floorThenMs } of this.heap.all()) {
      floorMs = Math.min(floorMs, floorThenMs);
      if (event.offset >= offsets[event.input]) continue;
      offsets[event.input] = event.offset;
      newestMs[event.input] = newestBeforeMs;
    }
    return { offsets, readTo: { ...this.next }, newestMs, floorMs, watermarkMs: this.watermark };
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
export interface ReorderStart {
  readonly offsets: InputOffsets;
  /** How far the input had been read when the state was captured: at `offsets` or after. */
  readonly readTo: InputOffsets;
  readonly newestMs: Readonly<Record<InputName, number>>;
  readonly floorMs: number;
  readonly watermarkMs: number;
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

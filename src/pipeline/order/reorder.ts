import { INPUTS, type InputName, type InputOffsets, type LogRecord } from '../../ports/transport.js';
import type { Admitted, Timed } from '../admitted.js';
import type { Belief, ForcedAdvance } from './decree.js';
import { EventHeap, type Waiting } from './event-heap.js';
import { HeldAhead, type HeldEvent, type HeldPlace, type ReadPoint, type Standing } from './held-ahead.js';
import { Watermark, type WatermarkStart } from './watermark.js';

/** What the order of a partition goes by. */
export interface ReorderSettings {
  readonly allowedLatenessMs: number;
  /** How far ahead of the newest event of its topic an event is taken at its word; Infinity: any. */
  readonly credibleMs: number;
}

/** An event whose time was refused, because the messages behind it were against it. */
export interface Refuted {
  readonly event: Timed;
  readonly record: LogRecord;
  /** Newest event time that its topic had come to. */
  readonly newestMs: number;
  readonly againstCount: number;
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
 *
 * An event that is further ahead of its topic than `credibleMs` would make what follows it late. It is held until the
 * messages behind it have spoken ({@link HeldAhead}): believed, it takes its turn as if it had never been held; refused, it
 * leaves no trace in any other turn.
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
  private readonly held: Readonly<Record<InputName, HeldAhead>>;
  private readonly readPoints: Partial<Record<InputName, ReadPoint>> = {};
  private refuted: Refuted[] = [];

  constructor(
    private settings: ReorderSettings,
    start: ReorderStart,
  ) {
    this.watermark = new Watermark(settings.allowedLatenessMs, start);
    this.next = { ...start.offsets };
    this.appliedBeforeMs = start.watermarkMs;
    this.held = {
      impressions: new HeldAhead(start.standing?.impressions),
      interactions: new HeldAhead(start.standing?.interactions),
    };
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

  /** Events far ahead of their topic that wait for what the messages behind them say. */
  get heldCount(): number {
    return this.held.impressions.count + this.held.interactions.count;
  }

  /** Events of an input that are held, in the order of its log. */
  heldOf(input: InputName): readonly HeldPlace[] {
    return this.held[input].standing.places;
  }

  /** Times something else than the input decided, those of a re-read included. */
  get raiseCount(): number {
    return this.raises;
  }

  /** Event time from the event whose turn is next to the newest one of both inputs; 0 when none waits. */
  get waitingSpanMs(): number {
    const next = this.heap.peek();
    return next ? this.watermark.newestOfAllMs - next.event.timeMs : 0;
  }

  /** Event time of the event whose turn is next; undefined when none waits. */
  get oldestWaitingMs(): number | undefined {
    return this.heap.peek()?.event.timeMs;
  }

  /** From here on the order goes by other settings. */
  goBy(settings: ReorderSettings): void {
    this.settings = settings;
    this.watermark.allow(settings.allowedLatenessMs);
  }

  /** Takes an event in, in its topic's offset order. A rejected one has no time: it only moves the position. */
  admit(event: Admitted, record: LogRecord): void {
    const { input } = event;
    this.next[input] = event.offset + 1;
    const { credibleMs } = this.settings;
    const held = this.held[input];
    const newestBeforeMs = this.watermark.newestTimeMs(input);
    // A re-read begins with the whole message, whichever of its events it is for.
    const readPoint =
      ((event.part ?? 0) > 0 && this.readPoints[input]) ||
      (this.readPoints[input] = { newestBeforeMs, floorMs: this.watermark.floorMs, standing: held.standing });
    if (event.kind === 'rejected') return;
    if (credibleMs === Infinity) return this.enter(event, record, readPoint);
    held.hear(event.timeMs, record.timestampMs, credibleMs);
    if (event.timeMs > held.limitMs(newestBeforeMs, credibleMs)) held.hold({ event, record, readPoint });
    else {
      held.measure(event.timeMs, record.timestampMs, newestBeforeMs, credibleMs);
      this.enter(event, record, readPoint);
    }
    if (held.count > 0) this.settle(input);
  }

  /** Gives an event its turn. */
  private enter(event: Timed, record: LogRecord, readPoint: ReadPoint): void {
    const { turnMs, isByFloor } = this.watermark.turnOf(event.input, event.timeMs);
    if (isByFloor) this.floorUsed = true;
    if (turnMs < this.appliedBeforeMs) return;
    const lateRecord = event.kind === 'list' && turnMs > event.timeMs ? record : undefined;
    this.heap.push({ event, turnMs, readPoint, lateRecord });
  }

  /** Decides about what is held, as far as the log has spoken. */
  private settle(input: InputName): void {
    const held = this.held[input];
    const credible = (): HeldEvent | undefined =>
      held.takeCredible(this.watermark.newestTimeMs(input), this.settings.credibleMs);
    for (let next = credible(); next; next = credible()) this.believe(input, next);
    for (let next = held.takeRefuted(); next; next = held.takeRefuted()) this.refuse(next);
  }

  private believe(input: InputName, { place, read }: HeldEvent): void {
    // One without its message had its turn before the state was captured.
    if (read) this.enter(read.event, read.record, read.readPoint);
    else this.watermark.turnOf(input, place.timeMs);
  }

  private refuse({ place: { againstCount }, read }: HeldEvent): void {
    if (!read) return;
    const { event, record } = read;
    this.refuted.push({ event, record, newestMs: this.watermark.newestTimeMs(event.input), againstCount });
  }

  /** Takes the events that were refused since the last call. */
  takeRefuted(): readonly Refuted[] {
    const { refuted } = this;
    this.refuted = [];
    return refuted;
  }

  /** True when {@link vouch} would change something. */
  canVouch(input: InputName, upToMs: number): boolean {
    return this.held[input].hasUncontested(upToMs);
  }

  /** Believes the held events of an input up to a time, by decree, unless more messages are against them than for them. */
  vouch(input: InputName, upToMs: number): Belief {
    this.raises++;
    const held = this.held[input];
    for (let next = held.takeUncontested(upToMs); next; next = held.takeUncontested(upToMs)) this.believe(input, next);
    this.settle(input);
    return { ...this.next, believes: input, upToMs };
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
   * could have brought it, so that what comes later has its turn alike. What is held is decided by who is more, those for it
   * or against it. Returns what to record.
   */
  letGo(): ForcedAdvance {
    for (const input of INPUTS) {
      const held = this.held[input];
      for (let next = held.takeUncontested(Infinity); next; next = held.takeUncontested(Infinity))
        this.believe(input, next);
      this.settle(input);
      for (let next = held.takeAny(); next; next = held.takeAny()) this.refuse(next);
    }
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
   * Where a re-read must begin to see every event still waiting or held, and what the input looked like just before it.
   * With neither that is here.
   */
  rewindPoint(): ReorderStart {
    const offsets = { ...this.next };
    const { watermark } = this;
    const newestMs = {
      impressions: watermark.newestTimeMs('impressions'),
      interactions: watermark.newestTimeMs('interactions'),
    };
    const standing = { impressions: this.held.impressions.standing, interactions: this.held.interactions.standing };
    let { floorMs } = watermark;
    for (const { event, readPoint } of [
      ...this.heap.all(),
      ...this.held.impressions.reads,
      ...this.held.interactions.reads,
    ]) {
      floorMs = Math.min(floorMs, readPoint.floorMs);
      if (event.offset >= offsets[event.input]) continue;
      offsets[event.input] = event.offset;
      newestMs[event.input] = readPoint.newestBeforeMs;
      standing[event.input] = readPoint.standing;
    }
    return { offsets, readTo: { ...this.next }, newestMs, floorMs, watermarkMs: watermark.ms, standing };
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
  /** What was known of the topics; absent in checkpoints of releases that held nothing. */
  readonly standing?: Readonly<Record<InputName, Standing>>;
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

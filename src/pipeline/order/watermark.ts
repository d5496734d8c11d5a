import type { InputName } from '../../ports/transport.js';

/** What a watermark is a function of, at a point of the log. */
export interface WatermarkStart {
  readonly newestMs: Readonly<Record<InputName, number>>;
  readonly floorMs: number;
  readonly watermarkMs: number;
}

/** When an event is processed, and what that was decided by. */
export interface Turn {
  readonly turnMs: number;
  /** True when the floor put it later than its own input does. */
  readonly isByFloor: boolean;
}

/**
 * Event time up to which the stream of one partition is complete, in ms; it never goes back. The rule, which nobody else
 * states:
 *
 *     reach of an input    its newest event time − allowed lateness
 *     natural watermark    the lower of the two reaches: an input that is behind holds the other one back
 *     furthest             the higher of the two: where the watermark would be without that
 *     watermark            the natural one, or the floor (raised by decree) where that is higher
 *     turn of an event     max(its own time, reach of its input with it, floor)
 *
 * So an event admitted later has its turn at or after the watermark, whatever its own time.
 */
export class Watermark {
  private readonly newestMs: Record<InputName, number>;
  private floor: number;
  private highestMs: number;

  constructor(
    private allowedLatenessMs: number,
    start: WatermarkStart,
  ) {
    this.newestMs = { ...start.newestMs };
    this.floor = start.floorMs;
    this.highestMs = start.watermarkMs;
  }

  get ms(): number {
    return this.highestMs;
  }

  get floorMs(): number {
    return this.floor;
  }

  /** Newest event time of an input so far; −Infinity before its first. */
  newestTimeMs(input: InputName): number {
    return this.newestMs[input];
  }

  /** Newest event time of both. */
  get newestOfAllMs(): number {
    return Math.max(this.newestMs.impressions, this.newestMs.interactions);
  }

  /** The watermark that an input would allow if there were no other. */
  reachMs(input: InputName): number {
    return this.newestMs[input] - this.allowedLatenessMs;
  }

  /** The watermark that the inputs alone allow. */
  get naturalMs(): number {
    return Math.min(this.reachMs('impressions'), this.reachMs('interactions'));
  }

  /** The watermark that the input which is ahead would allow if there were no other. */
  get furthestMs(): number {
    return Math.max(this.reachMs('impressions'), this.reachMs('interactions'));
  }

  /** True where the floor, not the inputs, holds the watermark where it is. */
  get isAtFloor(): boolean {
    return this.floor === this.highestMs && this.floor > this.naturalMs;
  }

  /** The input that is ahead; undefined while neither is. */
  get ahead(): InputName | undefined {
    const { impressions, interactions } = this.newestMs;
    if (impressions === interactions) return undefined;
    return impressions > interactions ? 'impressions' : 'interactions';
  }

  /** Takes an event's time in, in the order of its input's log, and says when its turn is. */
  turnOf(input: InputName, timeMs: number): Turn {
    this.newestMs[input] = Math.max(this.newestMs[input], timeMs);
    const ownMs = Math.max(timeMs, this.reachMs(input));
    this.rise(this.naturalMs);
    return { turnMs: Math.max(ownMs, this.floor), isByFloor: this.floor > ownMs };
  }

  /** The turn that an event would have if it came now. */
  wouldTurn(input: InputName, timeMs: number): number {
    return Math.max(timeMs, this.reachMs(input), this.floor);
  }

  /** Raises the floor by decree. */
  raiseFloor(floorMs: number): void {
    this.floor = Math.max(this.floor, floorMs);
    this.rise(this.floor);
  }

  /** From here on another lateness is allowed. */
  allow(latenessMs: number): void {
    this.allowedLatenessMs = latenessMs;
    this.rise(this.naturalMs);
  }

  private rise(toMs: number): void {
    this.highestMs = Math.max(this.highestMs, toMs);
  }
}

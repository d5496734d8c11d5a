import { INPUTS, type InputName } from '../../ports/transport.js';
import type { CaughtUp } from '../read/input-reader.js';
import type { Reorder } from './reorder.js';

export interface IdleSettings {
  readonly idleTimeoutMs: number;
  readonly attributionWindowMs: number;
}

/** Smallest step of a wall-clock advance: bounds how many the progress record must hold. */
const LEAST_STEP_MS = 250;
/** Advances of a window's length at the most, for the same reason. */
const STEPS_A_WINDOW = 32;
/** Beyond this many recorded advances the step doubles with every {@link RECORDED_A_DOUBLING} more. */
const MANY_RECORDED = 40;
const RECORDED_A_DOUBLING = 10;

/** Shortest time between two steps for late events. */
const LATE_EVERY_MS = 1_000;

/** How far an input reached, and the monotonic time by which it was known to. */
interface Reached {
  readonly reachMs: number;
  readonly byMs: number;
}

const NOWHERE: Reached = { reachMs: -Infinity, byMs: Infinity };

/**
 * Decides when the wall clock may move a watermark that the input does not: an input that has been read to its end and has
 * brought nothing for `idleTimeoutMs` no longer holds the other one back, and when both are idle the watermark follows the
 * clock, so that windows still close.
 *
 * An end that was seen before the other input's newest event came says nothing about what was written before that event: a
 * list after a silence, whose click is read first. So an input moves the watermark as far as it reached when the other's end
 * was last seen, and a silence lasts as long as it was looked at.
 */
export class Idleness {
  /** Monotonic time of the last step for late events. */
  private lastLateMs = -Infinity;
  private readonly lastRecordMs: Record<InputName, number>;
  /** The reach of each input before which all of the other one has been read. */
  private readonly coveredMs: Record<InputName, number> = { impressions: -Infinity, interactions: -Infinity };
  /** A later one, which the other's end is still to cover. */
  private readonly open: Record<InputName, Reached | undefined> = { impressions: undefined, interactions: undefined };

  constructor(
    private readonly settings: IdleSettings,
    /** Monotonic time, as everywhere below: a wall clock that jumps must not move the watermark. */
    nowMs: number,
  ) {
    this.lastRecordMs = { impressions: nowMs, interactions: nowMs };
  }

  /** Notes that an input brought records. */
  heard(input: InputName, nowMs: number): void {
    this.lastRecordMs[input] = nowMs;
  }

  /**
   * The floor that the watermark may be raised to now; undefined when it should stay.
   * @param isEnded the input was declared complete: caught up means idle
   * @param recordedCount advances in the progress record: the more, the larger the next step, so that it never runs over
   */
  floorMs(
    reorder: Pick<Reorder, 'watermark'>,
    caughtUp: CaughtUp,
    nowMs: number,
    isEnded: boolean,
    recordedCount = 0,
  ): number | undefined {
    const { watermark } = reorder;
    for (const input of INPUTS) this.cover(input, watermark.reachMs(input), caughtUp, nowMs);
    const silentMs = (input: InputName): number => caughtUp[input] - this.lastRecordMs[input];
    const idle = INPUTS.filter(
      (input) => caughtUp[input] > -Infinity && (isEnded || silentMs(input) >= this.settings.idleTimeoutMs),
    );
    if (idle.length === 0) return undefined;
    const allowedBy = INPUTS.filter((input) => idle.length === 2 || !idle.includes(input));
    const reachMs = Math.max(...allowedBy.map((input) => (isEnded ? watermark.reachMs(input) : this.coveredMs[input])));
    if (reachMs === -Infinity) return undefined;
    const byClockMs =
      idle.length === 2 && !isEnded ? Math.min(...INPUTS.map(silentMs)) - this.settings.idleTimeoutMs : 0;
    const floorMs = reachMs + byClockMs;
    const stepMs = this.stepMs(recordedCount);
    return floorMs >= watermark.ms + stepMs ? floorMs : undefined;
  }

  /**
   * The floor that lets late events go which nothing in the inputs will let go: after a silence the wall clock has moved the
   * watermark past every event, and what comes then is older. A step at most every {@link LATE_EVERY_MS}.
   */
  lateFloorMs(
    reorder: Pick<Reorder, 'lateTurnMs'>,
    caughtUp: CaughtUp,
    nowMs: number,
    recordedCount = 0,
  ): number | undefined {
    const turnMs = reorder.lateTurnMs;
    if (turnMs === undefined || INPUTS.some((input) => caughtUp[input] === -Infinity)) return undefined;
    if (nowMs - this.lastLateMs < LATE_EVERY_MS * doublings(recordedCount)) return undefined;
    this.lastLateMs = nowMs;
    return turnMs + 1;
  }

  /** Notes how far an input reaches, and how much of that the end of the other one, as seen, covers. */
  private cover(input: InputName, reachMs: number, caughtUp: CaughtUp, nowMs: number): void {
    const other = input === 'impressions' ? 'interactions' : 'impressions';
    for (const reached of [this.open[input] ?? NOWHERE, { reachMs, byMs: nowMs }]) {
      if (reached.reachMs <= this.coveredMs[input]) continue;
      this.open[input] ??= reached;
      if (caughtUp[other] < reached.byMs) continue;
      this.coveredMs[input] = reached.reachMs;
      this.open[input] = undefined;
    }
  }

  /** How far the next advance must move the watermark at least. */
  stepMs(recordedCount: number): number {
    const stepMs = Math.max(LEAST_STEP_MS, Math.floor(this.settings.attributionWindowMs / STEPS_A_WINDOW));
    return stepMs * doublings(recordedCount);
  }
}

/** The more advances are recorded, the larger the next step or pause. */
export function doublings(recordedCount: number): number {
  return 2 ** Math.max(0, Math.floor((recordedCount - MANY_RECORDED) / RECORDED_A_DOUBLING));
}

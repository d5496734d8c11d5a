import { INPUTS, type InputName } from '../../ports/transport.js';
import type { Reorder } from './reorder.js';

export interface IdleSettings {
  readonly idleTimeoutMs: number;
  readonly allowedLatenessMs: number;
  readonly attributionWindowMs: number;
}

/** Smallest step of a wall-clock advance: bounds how many the progress record must hold. */
const LEAST_STEP_MS = 250;
/** Advances of a window's length at the most, for the same reason. */
const STEPS_A_WINDOW = 32;

/**
 * Decides when the wall clock may move a watermark that the input does not: an input that has been read to its end and has
 * brought nothing for `idleTimeoutMs` no longer holds the other one back, and when both are idle the watermark follows the
 * clock, so that windows still close.
 */
export class Idleness {
  private readonly lastRecordMs: Record<InputName, number>;

  constructor(
    private readonly settings: IdleSettings,
    nowMs: number,
  ) {
    this.lastRecordMs = { impressions: nowMs, interactions: nowMs };
  }

  /** Notes that an input brought records. A clock that jumped back must not make the other input look idle longer. */
  heard(input: InputName, nowMs: number): void {
    this.lastRecordMs[input] = nowMs;
  }

  /**
   * The floor that the watermark may be raised to now; undefined when it should stay.
   * @param isEnded the input was declared complete: caught up means idle
   */
  floorMs(reorder: Reorder, caughtUp: Readonly<Record<InputName, boolean>>, nowMs: number, isEnded: boolean): number | undefined {
    const silentMs = (input: InputName): number => {
      // The clock went back: count anew from here.
      if (nowMs < this.lastRecordMs[input]) this.lastRecordMs[input] = nowMs;
      return nowMs - this.lastRecordMs[input];
    };
    const idle = INPUTS.filter((input) => caughtUp[input] && (isEnded || silentMs(input) >= this.settings.idleTimeoutMs));
    if (idle.length === 0) return undefined;
    const newestMs = Math.max(...INPUTS.filter((input) => idle.length === 2 || !idle.includes(input)).map((input) => reorder.newestTimeMs(input)));
    if (newestMs === -Infinity) return undefined;
    const byClockMs = idle.length === 2 && !isEnded ? Math.min(...INPUTS.map(silentMs)) - this.settings.idleTimeoutMs : 0;
    const floorMs = newestMs - this.settings.allowedLatenessMs + byClockMs;
    const stepMs = Math.max(LEAST_STEP_MS, Math.floor(this.settings.attributionWindowMs / STEPS_A_WINDOW));
    return floorMs >= reorder.watermarkMs + stepMs ? floorMs : undefined;
  }
}

import type { StateColumn } from './state-column.js';

/**
 * Counts in a sliding window, kept as two tumbling ones: the current, and the one before it. Windows move on when something
 * is counted; reading changes nothing.
 */
export class SlidingWindow {
  constructor(
    private readonly startMs: StateColumn,
    private readonly current: StateColumn,
    private readonly previous: StateColumn,
    private readonly windowMs: number,
  ) {}

  add(entry: number, nowMs: number, more = 1): void {
    const { values: current } = this.current;
    const sinceMs = nowMs - this.startMs.values[entry]!;
    if (sinceMs >= this.windowMs) {
      this.previous.values[entry] = sinceMs < 2 * this.windowMs ? current[entry]! : 0;
      current[entry] = 0;
      this.startMs.values[entry] = nowMs - (nowMs % this.windowMs);
    }
    current[entry]! += more;
  }

  /** Adds what happened at a time that may be before the current tumbling window. */
  addEarlier(entry: number, atMs: number, more: number): void {
    const startMs = this.startMs.values[entry]!;
    if (atMs >= startMs) this.add(entry, atMs, more);
    else if (atMs >= startMs - this.windowMs) this.previous.values[entry]! += more;
  }

  /**
   * Count in the window that ends at `nowMs`: what the current tumbling window holds, and the part of the one before that
   * still overlaps, assuming even spread. Exact for a steady rate.
   */
  estimate(entry: number, nowMs: number): number {
    const { windowMs } = this;
    const startMs = this.startMs.values[entry]!;
    const sinceMs = nowMs - startMs;
    const current = this.current.values[entry]!;
    if (sinceMs < windowMs) return current + overlap(sinceMs, windowMs) * this.previous.values[entry]!;
    if (sinceMs < 2 * windowMs) return overlap(nowMs % windowMs, windowMs) * current;
    return 0;
  }
}

/** Share of the window before that the sliding window still covers, `elapsedMs` into the current one. */
function overlap(elapsedMs: number, windowMs: number): number {
  return 1 - Math.min(1, Math.max(0, elapsedMs / windowMs));
}

/** Wall clock and timers as arguments, so that tests own the time. Lint keeps `Date.now` and `setTimeout` out of the core. */
export interface Clock {
  /** Wall time, epoch milliseconds. */
  nowMs(): number;
  /** Monotonic time in milliseconds, for durations. */
  monotonicMs(): number;
  /** Resolves after `ms`, or at once with false when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<boolean>;
}

import type { Clock } from '../../ports/clock.js';
import type { LogStore } from './log-store.js';

export interface Waiting {
  readonly store: LogStore;
  readonly clock: Clock;
  readonly waitMs: number;
  /** Longest time between two looks: other processes cannot wake us. */
  readonly watchEveryMs: number;
  readonly signal: AbortSignal;
}

/**
 * Reads until the result is worth returning or `waitMs` have passed, and gives back the last result; undefined when the
 * signal aborted. An append by this process ends the wait at once, one by another process within `watchEveryMs`.
 */
export async function untilGrown<T>(
  read: () => T,
  isEnough: (result: T) => boolean,
  waiting: Waiting,
): Promise<T | undefined> {
  const { store, clock, waitMs, watchEveryMs, signal } = waiting;
  const untilMs = clock.monotonicMs() + waitMs;
  while (!signal.aborted) {
    const result = read();
    const leftMs = untilMs - clock.monotonicMs();
    if (isEnough(result) || leftMs <= 0) return result;
    await store.growth.wait(Math.min(leftMs, watchEveryMs), clock, signal);
  }
  return undefined;
}

/** Lets timers, signals and input run. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

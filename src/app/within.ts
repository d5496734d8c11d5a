import type { Clock } from '../ports/clock.js';

/** Waits for some work, but no longer than `ms`. @returns false when the time was up; the work goes on unheeded */
export async function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  const waiting = new AbortController();
  // When the time is up nobody hears of its failure any more.
  work.catch(() => undefined);
  try {
    return await Promise.race([work.then(() => true), clock.sleep(ms, waiting.signal).then(() => false)]);
  } finally {
    waiting.abort();
  }
}

import type { Clock } from '../../ports/clock.js';
import { simulate, type SimulatedEvent, type TrafficOptions } from './traffic.js';

export interface LiveTrafficOptions extends Pick<
  TrafficOptions,
  'surfaces' | 'itemCount' | 'newItemEveryMs' | 'language'
> {
  /** Ends the traffic. */
  readonly signal?: AbortSignal;
  /** Multiplies every delay; default 0.25, which puts clicks a second or two after their impressions. */
  readonly delayScale?: number;
  /** Events are handed out this often at most; default 100 ms. */
  readonly batchEveryMs?: number;
}

/**
 * The simulated world in real time: yields batches of the events that have just happened, in order, their event times at
 * the clock's now. Never yields an empty batch; ends when the signal aborts. A consumer that is slow gets the events it
 * missed in its next batch.
 */
export async function* liveTraffic(
  seed: number,
  clock: Clock,
  impressionsPerSecond: number,
  options: LiveTrafficOptions = {},
): AsyncGenerator<readonly SimulatedEvent[]> {
  const { signal, delayScale = 0.25, batchEveryMs = 100, newItemEveryMs = 20_000, ...rest } = options;
  const events = simulate({
    ...rest,
    seed,
    newItemEveryMs,
    delayScale,
    impressionsPerSecond,
    impressionCount: Number.POSITIVE_INFINITY,
    startTimeMs: clock.nowMs(),
    isRateDaily: false,
  });
  let next = events.next().value as SimulatedEvent;
  while (!signal?.aborted) {
    const waitMs = Math.max(batchEveryMs, next.record.eventTimeMs - clock.nowMs());
    if (!(await clock.sleep(waitMs, signal))) return;
    const nowMs = clock.nowMs();
    const batch: SimulatedEvent[] = [];
    while (next.record.eventTimeMs <= nowMs) {
      batch.push(next);
      next = events.next().value as SimulatedEvent;
    }
    if (batch.length > 0) yield batch;
  }
}

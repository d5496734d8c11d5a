import { TestScheduler } from 'rxjs/testing';
import { expect } from 'vitest';
import type { Clock } from '../../src/ports/clock.js';

/** Runs marbles and compares what came with what was to come. */
export function marbles(run: (helpers: Helpers) => void): void {
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  scheduler.run((helpers) =>
    run({ ...helpers, clock: virtualClock(scheduler), at: (ms, work) => at(scheduler, ms, work) }),
  );
}

type RunHelpers = Parameters<Parameters<TestScheduler['run']>[0]>[0];

export interface Helpers extends RunHelpers {
  /** A clock whose time is that of the marbles. */
  readonly clock: Clock;
  /** Does something at a virtual time. */
  readonly at: (ms: number, work: () => void) => void;
}

function at(scheduler: TestScheduler, ms: number, work: () => void): void {
  scheduler.schedule(work, ms);
}

/**
 * Promises settle outside of virtual time, so a sleep here answers `then` within it; that is all the operators ask of one.
 */
function virtualClock(scheduler: TestScheduler): Clock {
  return {
    nowMs: () => scheduler.now(),
    monotonicMs: () => scheduler.now(),
    sleep: (ms, signal) =>
      ({
        then(tell: (isOver: boolean) => void) {
          if (signal?.aborted) return tell(false);
          const timer = scheduler.schedule(() => tell(true), ms);
          signal?.addEventListener('abort', () => timer.unsubscribe(), { once: true });
        },
      }) as unknown as Promise<boolean>,
  };
}

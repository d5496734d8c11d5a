import { Observable } from 'rxjs';
import type { Clock } from '../ports/clock.js';

/**
 * Emits once when `ms` have passed on the clock, then completes. Unsubscribing wakes the sleep. It is the one place where
 * streams meet time, so that whoever owns the clock owns every wait.
 */
export function elapsed(clock: Pick<Clock, 'sleep'>, ms: number): Observable<void> {
  return new Observable((subscriber) => {
    const given = new AbortController();
    clock.sleep(ms, given.signal).then(
      (isOver) => {
        if (isOver) subscriber.next();
        subscriber.complete();
      },
      (thrown: unknown) => subscriber.error(thrown),
    );
    // With a reason, for one of its own is an error with a stack.
    return () => given.abort('over');
  });
}

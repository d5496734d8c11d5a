import { defer, EMPTY, type Observable, type ObservableInput, repeat } from 'rxjs';
import type { Clock } from '../ports/clock.js';
import { elapsed } from './elapsed.js';
import { untilAborted } from './until-aborted.js';

/**
 * Polls again and again, each time `everyMs` after the poll before has completed, and emits what the polls emit. The abort
 * cuts a wait short and lets a poll that is under way finish; then the stream completes. A poll that fails ends it with
 * that error, so one that is to be tried again catches its own.
 */
export function polled<T>(
  clock: Pick<Clock, 'sleep'>,
  everyMs: number,
  signal: AbortSignal,
  poll: () => ObservableInput<T>,
): Observable<T> {
  return defer(() => (signal.aborted ? EMPTY : poll())).pipe(
    repeat({ delay: () => elapsed(clock, everyMs).pipe(untilAborted(signal)) }),
  );
}

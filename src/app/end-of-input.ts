import { type Observable, NEVER, of, switchMap, take } from 'rxjs';
import type { Clock } from '../ports/clock.js';
import { elapsed } from '../stream/elapsed.js';
import type { Holding } from './held.js';

/** How long a run to the end waits for further partitions after its last one is done. */
const LAST_CALL_MS = 2_000;

/**
 * Emits when a run to the end has nothing more to do, and completes: none of its partitions is held any more, and either all
 * of the application's are finished, or some are and the group has brought no other for a while.
 */
export function endOfInput(
  changes$: Observable<Holding>,
  partitionCount: number,
  clock: Pick<Clock, 'sleep'>,
): Observable<void> {
  return changes$.pipe(
    switchMap(({ held, finished }) => {
      if (held.size > 0 || finished.size === 0) return NEVER;
      return finished.size >= partitionCount ? of(undefined) : elapsed(clock, LAST_CALL_MS);
    }),
    take(1),
  );
}

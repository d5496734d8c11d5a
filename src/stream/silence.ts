import { defer, finalize, ignoreElements, merge, type MonoTypeOperatorFunction, tap } from 'rxjs';
import type { Clock } from '../ports/clock.js';
import { polled } from './polled.js';

/**
 * Passes the source on and looks every `everyMs` how long it has been silent, from its subscription or its last value on.
 * What `look` throws ends the stream. One timer for the life of the source, since values may come a million a second;
 * `timeout` sets one for each of them.
 */
export function watchSilence<T>(
  clock: Clock,
  everyMs: number,
  look: (silentMs: number) => void,
): MonoTypeOperatorFunction<T> {
  return (source$) =>
    defer(() => {
      let lastMs = clock.monotonicMs();
      const over = new AbortController();
      const looks$ = polled(clock, everyMs, over.signal, () => {
        look(clock.monotonicMs() - lastMs);
        return [];
      });
      const heard$ = source$.pipe(tap(() => (lastMs = clock.monotonicMs())));
      return merge(heard$.pipe(finalize(() => over.abort())), looks$.pipe(ignoreElements()));
    });
}

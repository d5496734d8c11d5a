import {
  catchError,
  concat,
  defer,
  ignoreElements,
  type MonoTypeOperatorFunction,
  type ObservableInput,
  throwError,
} from 'rxjs';

/**
 * Does some work after the source has completed or failed, and passes the end on when the work is done: `finalize` for work
 * that takes time. Not done after an unsubscribe, when nobody waits any more. Work that fails takes the place of the end.
 */
export function afterwards<T>(work: () => ObservableInput<unknown>): MonoTypeOperatorFunction<T> {
  const work$ = defer(work).pipe(ignoreElements());
  return (source$) =>
    concat(
      source$.pipe(
        catchError((thrown: unknown) =>
          concat(
            work$,
            throwError(() => thrown),
          ),
        ),
      ),
      work$,
    );
}

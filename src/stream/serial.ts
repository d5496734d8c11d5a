import { catchError, concatMap, defer, EMPTY, type Observable, Subject, tap } from 'rxjs';

/** Gives each step its turn, in the order they were asked for. Resolves and rejects as the step does. */
export type Serial = <T>(step: () => Promise<T>) => Promise<T>;

/**
 * One step at a time, for state that has one owner. A step that fails is its caller's concern; the next one has its turn
 * all the same. An empty step resolves when everything asked for before it is over.
 */
export function serial(): Serial {
  const turns$ = new Subject<Observable<unknown>>();
  turns$.pipe(concatMap((turn$) => turn$)).subscribe();
  return (step) =>
    new Promise((resolve, reject) => {
      turns$.next(
        defer(step).pipe(
          tap({ next: resolve, error: reject }),
          catchError(() => EMPTY),
        ),
      );
    });
}

import { type MonoTypeOperatorFunction, Observable, takeUntil } from 'rxjs';

/** Emits once when the signal aborts, at once when it has; then completes. */
export function aborted(signal: AbortSignal): Observable<void> {
  return new Observable((subscriber) => {
    const tell = (): void => {
      subscriber.next();
      subscriber.complete();
    };
    if (signal.aborted) return tell();
    signal.addEventListener('abort', tell, { once: true });
    return () => signal.removeEventListener('abort', tell);
  });
}

/** Completes when the signal aborts; a source is not subscribed to under one that has. */
export function untilAborted<T>(signal: AbortSignal): MonoTypeOperatorFunction<T> {
  return takeUntil(aborted(signal));
}

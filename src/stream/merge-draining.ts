import {
  catchError,
  defer,
  EMPTY,
  mergeMap,
  type MonoTypeOperatorFunction,
  type Observable,
  type ObservableInput,
  type OperatorFunction,
  switchMap,
  takeUntil,
} from 'rxjs';
import { aborted, untilAborted } from './until-aborted.js';

/** How a merge ends. */
export interface Drain {
  /** Aborted when no more values are taken. The inner streams see it for themselves and complete when they can. */
  readonly signal: AbortSignal;
  /** Emits when waiting for them is over; subscribed to when the signal aborts. */
  readonly grace$: Observable<unknown>;
  /** Told of every failure of the source or of an inner stream; the place to abort the signal. */
  readonly failed: (thrown: unknown) => void;
}

/**
 * `mergeMap` that drains instead of tearing down: a failure is told and ends its own stream alone, and on the abort the
 * inner streams are waited for as long as the grace lasts. Completes when source and inner streams have; never fails.
 */
export function mergeDraining<T, R>(project: (value: T) => ObservableInput<R>, drain: Drain): OperatorFunction<T, R> {
  const told = <V>(): MonoTypeOperatorFunction<V> =>
    catchError((thrown: unknown) => {
      drain.failed(thrown);
      return EMPTY;
    });
  return (source$) =>
    source$.pipe(
      told(),
      untilAborted(drain.signal),
      mergeMap((value) => defer(() => project(value)).pipe(told())),
      takeUntil(aborted(drain.signal).pipe(switchMap(() => drain.grace$))),
    );
}

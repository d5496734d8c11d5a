import { endWith, from, ignoreElements, map, type Observable, type ObservableInput, race } from 'rxjs';
import type { Clock } from '../ports/clock.js';
import { elapsed } from './elapsed.js';

/**
 * Waits for some work, but no longer than `ms`: emits true once the work is done, or false when the time is up, and
 * completes. Work that is a promise goes on unheeded then. An error that comes in time is passed on, one that comes later
 * is nobody's.
 */
export function within(clock: Pick<Clock, 'sleep'>, ms: number, work: ObservableInput<unknown>): Observable<boolean> {
  return race(from(work).pipe(ignoreElements(), endWith(true)), elapsed(clock, ms).pipe(map(() => false)));
}

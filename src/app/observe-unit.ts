import { tap, type Observable } from 'rxjs';
import type { Partition } from '../pipeline/partition.js';

/** Watches units from outside: the stages know nothing of it. */
export function observeUnit(units$: Observable<Partition>, afterCommit: () => void): Observable<Partition> {
  return units$.pipe(tap(afterCommit));
}

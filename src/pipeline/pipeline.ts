import { concatMap, defer, map, repeat, takeWhile, type Observable } from 'rxjs';
import type { Partition } from './partition.js';

/**
 * The story of one partition: a unit of work a turn, each begun when the one before it is committed. Emits after every
 * commit; completes at the end of the input or when `isStopping` says so; errors with what a stage threw.
 */
export function unitsOf(partition: Partition, isStopping: () => boolean): Observable<Partition> {
  const followed$ = defer(() => partition.read()).pipe(
    concatMap((chunk) => partition.admit(chunk)), // decode · clean · pseudonymise
    map((admitted) => partition.order(admitted)), // events whose turn has come
    concatMap((unit) => partition.live(unit)), // texts to vectors · features · join
  );
  return followed$.pipe(
    concatMap((followed) => partition.close(followed)), // final outcomes
    concatMap((closed) => partition.score(closed)), // champion → importance
    map((scored) => partition.route(scored)), // coin → topics
    concatMap((records) => partition.commit(records)), // one transaction
    map(() => partition),
    repeat(),
    takeWhile(() => !partition.isDone && !isStopping(), true),
  );
}

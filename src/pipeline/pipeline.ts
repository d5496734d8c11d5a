import { defer, map, repeat, takeWhile, type Observable } from 'rxjs';
import { observed } from './observed.js';
import type { Partition } from './partition.js';
import { PIPELINE } from './stages/index.js';

/**
 * The story of one partition: a unit of work a turn, each begun when the one before it is committed. Emits after every
 * commit; completes at the end of the input or when `isStopping` says so; errors with what a stage threw.
 */
export function unitsOf(partition: Partition, isStopping: () => boolean): Observable<Partition> {
  const runner = observed(partition.deps.watch);
  return defer(() => {
    partition.takeOver();
    return PIPELINE.run(runner, partition, undefined);
  }).pipe(
    map(() => partition),
    repeat(),
    takeWhile(() => !partition.isDone && !isStopping(), true),
  );
}

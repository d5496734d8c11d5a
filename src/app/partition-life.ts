import { concatMap, defer, finalize, from, merge, type Observable, Subject } from 'rxjs';
import { liveOf } from '../config/live.js';
import type { Partition } from '../pipeline/partition.js';
import { unitsOf } from '../pipeline/pipeline.js';
import { restorePartition } from '../pipeline/restore.js';
import type { PartitionLease } from '../ports/transport.js';
import { observeUnit } from './observe-unit.js';
import type { Ground } from './open-run.js';
import { partitionDepsOf } from './partition-deps-of.js';
import { PartitionMetrics } from './partition-metrics.js';
import { longestStandMs, ReleaseWatch } from './release-watch.js';
import { restoreReport } from './restore-report.js';

/** What a partition needs of the run around it. */
type Surroundings = Pick<
  Ground,
  | 'config'
  | 'options'
  | 'clock'
  | 'transport'
  | 'parts'
  | 'gate'
  | 'seen'
  | 'identifyingIds'
  | 'declaredValues'
  | 'placement'
>;

/**
 * One life of a partition: restored to its last commit, then unit after unit until the end of its input or the abort, which
 * lets the unit under way finish. Emits a sign of life at every step of the restore (undefined) and after every commit.
 */
export function lifeOf(
  lease: PartitionLease,
  around: Surroundings,
  signal: AbortSignal,
): Observable<Partition | undefined> {
  return defer(() => {
    around.options.watcher?.restoring(lease.partition);
    const steps$ = new Subject<undefined>();
    const units$ = from(restored(lease, around, signal, () => steps$.next(undefined))).pipe(
      finalize(() => steps$.complete()),
      concatMap((partition) => followed(partition, lease, around, signal)),
    );
    return merge(steps$, units$);
  });
}

async function restored(
  lease: PartitionLease,
  around: Surroundings,
  signal: AbortSignal,
  step: () => void,
): Promise<Partition> {
  const { config, options, clock, transport, parts, gate } = around;
  const { logger, metrics } = options;
  const champion = gate.champion(lease.partition, signal);
  const now = options.live ? { ...config, ...liveOf(options.live.config) } : config;
  const deps = await partitionDepsOf(now, parts, lease, transport, { ...options, clock, champion });
  const beganMs = clock.monotonicMs();
  const report = restoreReport(clock, logger);
  let messages = 0;
  let readTo: number | undefined;
  const partition = await restorePartition(deps, {
    transport,
    logger,
    onProgress(progress) {
      signal.throwIfAborted();
      step();
      report(progress);
      const offset = progress.offsets.impressions + progress.offsets.interactions;
      messages += offset - (readTo ?? offset);
      readTo = offset;
    },
  });
  const seconds = (clock.monotonicMs() - beganMs) / 1000;
  metrics.observe('sluice_restore_seconds', seconds);
  const { samplesSeen } = partition.counts;
  logger.info('partition restored', { partition: lease.partition, seconds, messages, samplesSeen });
  return partition;
}

function followed(
  partition: Partition,
  lease: PartitionLease,
  { config, options, clock, seen, identifyingIds, declaredValues, placement }: Surroundings,
  signal: AbortSignal,
): Observable<Partition> {
  const { metrics, logger, health, onProgress, watcher } = options;
  const partitionMetrics = new PartitionMetrics(metrics, logger, lease.partition, partition, placement);
  const releases = new ReleaseWatch(lease.partition, health, longestStandMs(config.join), clock.monotonicMs());
  watcher?.restored(lease.partition, partition);
  seen.take(lease.partition, () => partition.counts.samplesSeen);
  return observeUnit(
    unitsOf(partition, () => signal.aborted),
    () => {
      health.relieve(`partition-${lease.partition}`);
      releases.observe(partition.reorder, clock.monotonicMs());
      partitionMetrics.committed(clock.nowMs());
      identifyingIds.observe(partition.counts);
      declaredValues.observe();
      onProgress?.(seen.total(), null);
      watcher?.committed(lease.partition);
    },
  ).pipe(finalize(() => releases.end()));
}

import {
  concatMap,
  concatWith,
  defer,
  finalize,
  from,
  ignoreElements,
  map,
  merge,
  type Observable,
  startWith,
  Subject,
} from 'rxjs';
import type { Config } from '../config/schema.js';
import { liveOf } from '../config/live.js';
import { messageOf } from '../errors.js';
import { retire } from '../pipeline/checkpoint/retire.js';
import type { Champion, Partition } from '../pipeline/partition.js';
import { unitsOf } from '../pipeline/pipeline.js';
import { restorePartition } from '../pipeline/restore.js';
import type { Clock } from '../ports/clock.js';
import type { PartitionLease, Transport } from '../ports/transport.js';
import type { OwnWatch } from './own-watch.js';
import type { Shown } from './observed/stage-metrics.js';
import { observeUnit } from './observe-unit.js';
import { partitionDepsOf } from './partition-deps-of.js';
import { lookAt, type PartitionLook } from './partition-look.js';
import { PartitionMetrics } from './partition-metrics.js';
import { restoreReport } from './restore-report.js';
import type { RunOptions } from './run-options.js';
import { type Describe, describerOf } from './serving/describer.js';
import type { Parts } from './wire.js';

/** A sign of life of a chain: a step of its restore, the end of it, a unit of work that was committed. */
export type Sign =
  | { readonly kind: 'step' }
  | { readonly kind: 'restored'; readonly look: PartitionLook; readonly describe: Describe }
  | { readonly kind: 'unit'; readonly look: PartitionLook };

/** What a chain needs of the thread that it lives in. */
export interface ChainSurroundings {
  readonly config: Config;
  readonly clock: Clock;
  readonly parts: Parts;
  readonly ownParts: Pick<OwnWatch, 'observe'>;
  readonly transport: Pick<Transport, 'partitionCount' | 'recordLimit' | 'reader' | 'endOffsets'>;
  readonly options: Pick<RunOptions, 'metrics' | 'logger' | 'untilEnd' | 'live' | 'traces'>;
  readonly champion: Champion;
  readonly shown?: Shown;
}

/**
 * A partition restored to its last commit, then unit after unit until the end of its input or the abort, which lets the unit
 * under way finish. Knows of no other partition and of nothing beside what it is given, so that any thread can run it.
 */
export function chainOf(lease: PartitionLease, around: ChainSurroundings, signal: AbortSignal): Observable<Sign> {
  return defer(() => {
    const steps$ = new Subject<Sign>();
    const units$ = from(restored(lease, around, signal, () => steps$.next({ kind: 'step' }))).pipe(
      finalize(() => steps$.complete()),
      concatMap((partition) => followed(partition, lease, around, signal)),
    );
    return merge(steps$, units$);
  });
}

async function restored(
  lease: PartitionLease,
  around: ChainSurroundings,
  signal: AbortSignal,
  step: () => void,
): Promise<Partition> {
  const { config, options, clock, transport, parts, champion, shown } = around;
  const { logger, metrics } = options;
  const now = options.live ? { ...config, ...liveOf(options.live.config) } : config;
  const deps = await partitionDepsOf(now, parts, lease, transport, { ...options, clock, champion, shown });
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
  around: ChainSurroundings,
  signal: AbortSignal,
): Observable<Sign> {
  const {
    config,
    options: { metrics, logger },
    clock,
    parts,
    ownParts,
  } = around;
  const restoredAt = partition.position();
  signal.addEventListener('abort', () => partition.reader.hurry(), { once: true });
  const partitionMetrics = new PartitionMetrics(metrics, logger, lease.partition, partition);
  const look = lookAt(partition);
  const unit = { kind: 'unit', look } as const;
  return observeUnit(
    unitsOf(partition, () => signal.aborted),
    () => {
      partitionMetrics.committed(clock.nowMs());
      ownParts.observe();
    },
  ).pipe(
    finalize(() => void partition.feed?.close().catch(() => undefined)),
    map((): Sign => unit),
    startWith({ kind: 'restored', look, describe: describerOf(partition, config, parts, { clock, logger }) } as const),
    concatWith(defer(() => retired(partition, lease, around, signal, restoredAt)).pipe(ignoreElements())),
  );
}

/** Leaves a checkpoint of everything where the process was asked to end and the partition is still ours. */
async function retired(
  partition: Partition,
  lease: PartitionLease,
  { config, clock, options: { logger } }: ChainSurroundings,
  signal: AbortSignal,
  restoredAt: string,
): Promise<void> {
  if (!signal.aborted || lease.signal.aborted || partition.isDone) return;
  const beganMs = clock.monotonicMs();
  const fields = { partition: lease.partition };
  try {
    const { bytes, why } = await retire(partition, config.drain.checkpointBytes, restoredAt);
    const seconds = (clock.monotonicMs() - beganMs) / 1000;
    if (why === undefined) logger.info('state written down for the next start', { ...fields, bytes, seconds });
    else logger.debug('state not written down', { ...fields, why });
  } catch (thrown) {
    // What was committed before stays; the next start reads more again.
    logger.info('state could not be written down for the next start', { ...fields, why: messageOf(thrown) });
  }
}

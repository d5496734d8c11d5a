import { rowBytes } from '../bundle/row-bytes.js';
import { SLAB } from '../bundle/sample.js';
import { SluiceError, messageOf } from '../errors.js';
import { readPlace, SAMPLE_PLACE } from '../events/sample-place.js';
import type { TrainingSample } from '../events/words.js';
import type { ReadRecord, TopicReader } from '../ports/transport.js';
import type { UntilOffsets } from '../snapshot/manifest.js';
import { readToEnd } from '../stream/read-to-end.js';
import { createCalibrationWatch } from './calibration-watch.js';
import { createDriftWatch, type DriftWatch } from './drift-watch.js';
import { createLateIntake } from './late-intake.js';
import { createPoolIntake } from './pool-intake.js';
import { createRowsHeld, type RowsHeld } from './reservoir/rows-held.js';
import { SharedIds } from './shared-ids.js';
import type { RetrainerDeps } from './types.js';
import { unusable } from './usable.js';

/** Reads training and audit topics into the rows that the learner holds. */
export interface Intake {
  readonly held: RowsHeld;
  readonly drift: DriftWatch;
  /**
   * Reads to the end as it is now, or until aborted. On a failing transport it throws; the next call goes on where it was.
   * @param mayBeOldMs how long before the call the log may have been looked at; default 0
   */
  drain(signal: AbortSignal, mayBeOldMs?: number): Promise<void>;
  untilOffsets(): UntilOffsets;
  close(): Promise<void>;
}

/** What of the learner's needs an intake has. */
export type IntakeDeps = Pick<
  RetrainerDeps,
  | 'trainingCodec'
  | 'auditCodec'
  | 'retrain'
  | 'metrics'
  | 'logger'
  | 'featureSetId'
  | 'columnNames'
  | 'hash'
  | 'pool'
  | 'lateCodec'
  | 'clock'
> & { readonly transport: Pick<RetrainerDeps['transport'], 'reader' | 'endOffsets' | 'partitionCount' | 'discard'> };

type LearnerTopic = 'training' | 'audit';

const SAMPLES = ['training', 'audit'] as const;

const POLL_WAIT_MS = 100;
/** Rows decoded between two looks at the event loop, a few milliseconds of work. */
const ROWS_A_TURN = 500;

/** Makes an intake that has read nothing yet. */
export function createIntake(deps: IntakeDeps): Intake {
  const { transport, retrain, metrics, logger } = deps;
  const featureSet = { featureSetId: deps.featureSetId, columnCount: deps.columnNames.length };
  const held = createRowsHeld({ ...retrain, ...featureSet }, deps.hash);
  const drift = createDriftWatch();
  const calibration = createCalibrationWatch();
  const codecs = { training: deps.trainingCodec, audit: deps.auditCodec ?? deps.trainingCodec };
  // Next offset to take of each partition: what a reopened reader brings again is passed over.
  const next: Record<LearnerTopic, number[]> = { training: [], audit: [] };
  const skipped = new Map<string, number>();
  const ids = new SharedIds(deps.hash);
  let sharedCount = 0;
  const pool = deps.pool && createPoolIntake({ ...deps.pool, ...featureSet, held, skip });
  const late = deps.lateCodec && createLateIntake({ codec: deps.lateCodec, held, skip });
  let trainingPartitionCount = 1;
  let reader: TopicReader | undefined;

  async function open(): Promise<TopicReader> {
    trainingPartitionCount = await transport.partitionCount('training');
    const topics = [...SAMPLES, ...(pool ? (['pool'] as const) : []), ...(late ? (['late'] as const) : [])];
    return transport.reader(topics, 'earliest');
  }

  async function drain(signal: AbortSignal, mayBeOldMs = 0): Promise<void> {
    try {
      if (mayBeOldMs > 0 && (await reader?.caughtUp(mayBeOldMs)) === true) return;
      reader ??= await open();
      const ends = {
        training: await transport.endOffsets('training'),
        audit: await transport.endOffsets('audit'),
        pool: pool ? await transport.endOffsets('pool') : [],
        late: late ? await transport.endOffsets('late') : [],
      };
      // A busy topic is never caught up with, so the end is the one of the beginning; a transactional log ends in markers
      // that no reader is given, so that end may never be reached. Either will do.
      const isEnough = (): boolean => signal.aborted || reached(ends);
      await readToEnd(reader, POLL_WAIT_MS, take, isEnough);
      await pool?.forget(transport);
    } catch (thrown) {
      const broken = reader;
      reader = undefined;
      await broken?.close().catch(() => undefined);
      throw thrown;
    }
    metrics.gauge('sluice_reservoir_rows', held.trainingSize);
    metrics.gauge('sluice_pool_rows', held.poolSize);
    metrics.gauge('sluice_pool_bytes', held.poolSize * rowBytes(SLAB, featureSet.columnCount));
    const error = calibration.error();
    if (error !== undefined) metrics.gauge('sluice_champion_expected_calibration_error', error);
  }

  function reached(ends: Record<LearnerTopic | 'pool' | 'late', readonly number[]>): boolean {
    const taken = { ...next, pool: pool?.next ?? [], late: late?.next ?? [] };
    return ([...SAMPLES, 'pool', 'late'] as const).every((topic) =>
      ends[topic].every((end, partition) => (taken[topic][partition] ?? 0) >= end),
    );
  }

  /** Takes all that was polled, aborted or not: the reader has gone past it and would not bring it again. */
  async function take(records: readonly ReadRecord[]): Promise<void> {
    for (let from = 0; from < records.length; from += ROWS_A_TURN) {
      if (from > 0) await deps.clock.sleep(0);
      const turn = records.slice(from, from + ROWS_A_TURN);
      await late?.prepare(turn);
      for (const topic of SAMPLES)
        await codecs[topic].prepare(turn.filter((record) => record.topic === topic).map(({ value }) => value));
      for (const record of turn)
        if (record.topic === 'training' || record.topic === 'audit') takeRecord(record.topic, record);
        else if (record.topic === 'late') late?.take(record);
        else if (record.topic === 'pool') {
          pool?.take(record);
          await deps.clock.sleep(0);
        }
    }
  }

  function takeRecord(topic: LearnerTopic, { partition, offset, value, headers }: ReadRecord): void {
    if (offset < (next[topic][partition] ?? 0)) return;
    const sample = value === null ? undefined : decoded(topic, value);
    while (next[topic].length <= partition) next[topic].push(0);
    next[topic][partition] = offset + 1;
    if (sample === undefined) return;
    const reason = unusable(sample, deps.featureSetId, deps.columnNames.length);
    if (reason !== undefined)
      skip(reason, `feature set ${String(sample.featureSetId)}, sample ${String(sample.sampleId)}`);
    if (typeof sample.sampleId === 'string' && ids.isShared(sample)) noteShared(sample);
    if (reason !== undefined) return;
    if (topic === 'training')
      held.train(sample, readPlace(headers[SAMPLE_PLACE])?.place ?? offset * trainingPartitionCount);
    else audit(sample);
  }

  function noteShared({ sampleId, requestId }: TrainingSample): void {
    metrics.count('sluice_shared_sample_ids_total', 1);
    if (isPowerOfTen(++sharedCount))
      logger.error(
        'samples of two sessions have one id: the request ids (or impression ids) are not unique over all sessions, so nobody can tell these samples apart by it; make them so',
        { sampleId, requestId, count: sharedCount },
      );
  }

  function audit(sample: TrainingSample): void {
    held.audit(sample);
    calibration.observe(sample);
    const { snapshotVersion, surface, eventTimeMs } = sample;
    for (const { signal, direction } of drift.observe(sample)) {
      metrics.count('sluice_drift_alarms_total', 1, { signal, direction, surface });
      logger.warn('the stream is no longer what a champion learned', {
        ...{ signal, direction, surface, snapshotVersion, eventTimeMs },
      });
    }
  }

  function decoded(topic: LearnerTopic, value: Uint8Array): TrainingSample | undefined {
    try {
      return codecs[topic].decode(value);
    } catch (thrown) {
      if (!(thrown instanceof SluiceError) || thrown.class !== 'data') throw thrown;
      skip('undecodable', messageOf(thrown));
      return undefined;
    }
  }

  /** Says it at the first and then at each power of ten: a topic of another feature set is a million of them. */
  function skip(reason: string, detail: string, rowCount = 1): void {
    const before = skipped.get(reason) ?? 0;
    const count = before + rowCount;
    skipped.set(reason, count);
    metrics.count('sluice_learner_skipped_rows_total', rowCount, { reason });
    if (before === 0 || Math.floor(Math.log10(count)) > Math.floor(Math.log10(before)))
      logger.warn('rows of the training, audit or pool topic are not of use', { reason, detail, count });
  }

  return {
    held,
    drift,
    drain,
    untilOffsets: () => ({ training: [...next.training], audit: [...next.audit] }),
    async close() {
      await reader?.close();
      reader = undefined;
    },
  };
}

/** True at 1, 10, 100, …: what may come a million times is said seven times. */
function isPowerOfTen(count: number): boolean {
  return Number.isInteger(Math.log10(count));
}

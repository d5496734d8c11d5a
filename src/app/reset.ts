import { noCounts } from '../pipeline/progress/counts.js';
import { decodeProgress, encodeProgress, NO_PROGRESS, type Progress } from '../pipeline/progress/progress.js';
import { ownerOf } from '../pipeline/checkpoint/owner.js';
import { forgottenChoice } from './encoder-choice.js';
import { readShelfKeys } from '../pipeline/settings/shelf.js';
import { passOverInputs } from './repartition/repartitioned-transport.js';
import type { Config } from '../config/schema.js';
import { SluiceError } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { InputOffsets, PartitionLease, Transport } from '../ports/transport.js';

/** Where an application begins anew. */
export type ResetTo = 'earliest' | 'end';

export interface ResetDeps {
  readonly clock: Pick<Clock, 'sleep' | 'monotonicMs'>;
  readonly logger: Pick<Logger, 'info'>;
  readonly signal: AbortSignal;
}

const LOOK_AGAIN_MS = 500;

/** What a reset did to one partition. */
export interface PartitionReset {
  readonly partition: number;
  readonly from: InputOffsets;
  readonly to: InputOffsets;
  /** Samples it had emitted; with `earliest`, those whose input is still kept are emitted again, under the same ids. */
  readonly emitted: number;
}

/**
 * Lets an application begin anew on its topics: state, checkpoints, recorded settings and counts are given up, outputs stay.
 * With `end`, impressions that are open now never become samples; with `earliest`, what the inputs still hold is emitted
 * again. Takes the partitions as a run does, so that no run of the application can be under way.
 * @throws store-in-use or group-in-use when one is; what the signal is aborted with, before a partition it has not come to
 */
export async function resetApplication(
  config: Config,
  transport: Transport,
  to: ResetTo,
  deps: ResetDeps,
): Promise<readonly PartitionReset[]> {
  const { signal } = deps;
  await transport.prepare();
  await untilAlone(config, transport, deps);
  if (to === 'end') await passOverInputs(transport, signal);
  const partitionCount = await transport.partitionCount('impressions');
  const ends = {
    impressions: await transport.endOffsets('impressions'),
    interactions: await transport.endOffsets('interactions'),
  };
  const done: PartitionReset[] = [];
  let finish: () => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const finished = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  signal.throwIfAborted();
  const stop = (): void => fail(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  await transport.join({
    failed: fail,
    async assigned(lease) {
      try {
        signal.throwIfAborted();
        const { partition } = lease;
        const place =
          to === 'end'
            ? { impressions: ends.impressions[partition] ?? 0, interactions: ends.interactions[partition] ?? 0 }
            : { impressions: 0, interactions: 0 };
        done.push(await resetPartition(config, transport, lease, place));
      } catch (thrown) {
        fail(thrown);
      }
      if (done.length === partitionCount) finish();
    },
  });
  const over = new AbortController();
  failOnOthers(config, transport, deps, over.signal).catch(fail);
  try {
    await finished;
  } finally {
    over.abort('over');
    signal.removeEventListener('abort', stop);
    await transport.leave();
  }
  return done.sort((left, right) => left.partition - right.partition);
}

/**
 * Waits until nobody else is in the application's group, for as long as a dead member may stay in it. Without that a reset
 * would take some of a running application's partitions, and wait for the others for ever.
 * @throws group-in-use
 */
async function untilAlone(
  { application, transport: { sessionTimeoutMs } }: Config,
  transport: Pick<Transport, 'othersInGroup'>,
  { clock, logger, signal }: ResetDeps,
): Promise<void> {
  const untilMs = clock.monotonicMs() + sessionTimeoutMs;
  for (let looks = 0; ; looks++) {
    signal.throwIfAborted();
    const others = await transport.othersInGroup();
    if (others.length === 0) return;
    if (clock.monotonicMs() >= untilMs) throw groupInUse(application, others);
    if (looks === 0) logger.info('waiting for the members of the group to leave', { application, members: others });
    await clock.sleep(LOOK_AGAIN_MS, signal);
  }
}

/**
 * Looks, while a reset takes its partitions, whether somebody joins, who would keep some of them from it.
 * @throws group-in-use
 */
async function failOnOthers(
  { application }: Config,
  transport: Pick<Transport, 'othersInGroup'>,
  { clock }: ResetDeps,
  over: AbortSignal,
): Promise<void> {
  while (await clock.sleep(LOOK_AGAIN_MS, over)) {
    const others = await transport.othersInGroup();
    if (others.length > 0 && !over.aborted) throw groupInUse(application, others);
  }
}

function groupInUse(application: string, others: readonly string[]): SluiceError {
  return new SluiceError('group-in-use', {
    application,
    count: others.length,
    members: [...new Set(others)].join(', '),
  });
}

async function resetPartition(
  config: Config,
  transport: Pick<Transport, 'reader'>,
  lease: PartitionLease,
  to: InputOffsets,
): Promise<PartitionReset> {
  const owner = ownerOf({ config, lease });
  const { offsets: from, progress } = await lease.committed();
  const { counts } = progressOrNone(progress);
  const keys = await readShelfKeys(transport, owner);
  const choice = lease.partition === 0 ? await forgottenChoice(transport, config.application) : [];
  const gone = keys.map((key) => ({ topic: 'checkpoints', partition: lease.partition, key, value: null }) as const);
  await lease.commit({
    records: [...gone, ...choice],
    offsets: to,
    progress: encodeProgress({ ...NO_PROGRESS, counts: noCounts(), begins: to, at: to }),
    neededFrom: to,
  });
  return { partition: lease.partition, from, to, emitted: counts.samplesKept + counts.samplesAudit };
}

/** A record of another release says nothing here, and is no reason to refuse a reset. */
function progressOrNone(text: string | null): Progress {
  try {
    return decodeProgress(text);
  } catch {
    return { ...NO_PROGRESS, counts: noCounts() };
  }
}

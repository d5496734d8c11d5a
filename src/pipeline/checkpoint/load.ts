import { messageOf, SluiceError } from '../../errors.js';
import type { Logger } from '../../ports/logger.js';
import type { LogRecord, Transport } from '../../ports/transport.js';
import type { StreamState } from '../stream-state.js';
import type { ReorderStart } from '../order/reorder.js';
import { restoreState } from './capture.js';
import { assembleCheckpoint, unpackCheckpoint } from './pack.js';

/** State and position to begin a re-read from. */
export interface RestorePoint {
  readonly state: StreamState;
  readonly start: ReorderStart;
}

/** What loading a checkpoint needs. */
export interface CheckpointSource {
  readonly transport: Pick<Transport, 'reader'>;
  readonly partition: number;
  readonly emptyState: () => StreamState;
  readonly logger: Logger;
}

/** How long one poll of the checkpoints topic waits. */
const POLL_WAIT_MS = 500;

/**
 * Loads a committed checkpoint; a damaged one falls back to the one before it, said loudly, at the price of more input to
 * read again.
 * @returns undefined when there is none to load, so that the input is read from its beginning
 * @throws checkpoint-damaged when neither can be read; checkpoint-version when another release wrote it
 */
export async function loadCheckpoint(
  source: CheckpointSource,
  checkpointId: number | null,
): Promise<RestorePoint | undefined> {
  if (checkpointId === null) return undefined;
  const records = await chunksOf(source, [checkpointId, checkpointId - 1]);
  try {
    return await restorePoint(source, records, checkpointId);
  } catch (thrown) {
    if (thrown instanceof SluiceError && thrown.code === 'checkpoint-version') throw thrown;
    source.logger.error('checkpoint damaged, falling back to the one before it', {
      checkpointId,
      partition: source.partition,
      reason: messageOf(thrown),
    });
    return checkpointId > 1 ? restorePoint(source, records, checkpointId - 1) : undefined;
  }
}

async function restorePoint(
  source: CheckpointSource,
  records: readonly LogRecord[],
  checkpointId: number,
): Promise<RestorePoint> {
  const packed = assembleCheckpoint(records, source.partition, checkpointId);
  const state = source.emptyState();
  try {
    const captured = await unpackCheckpoint(packed);
    const lacking = restoreState(captured, state);
    if (lacking.length > 0)
      source.logger.warn('the features or their settings have changed: state that the checkpoint lacks begins empty', {
        checkpointId,
        partition: source.partition,
        lacking,
      });
    return { state, start: captured.start };
  } catch (thrown) {
    throw new SluiceError(
      'checkpoint-damaged',
      { checkpointId, partition: source.partition, why: messageOf(thrown) },
      { cause: thrown },
    );
  }
}

/** The chunks of some checkpoints. */
async function chunksOf(
  { transport, partition }: CheckpointSource,
  checkpointIds: readonly number[],
): Promise<LogRecord[]> {
  const wanted = new Set<string | undefined>(checkpointIds.map(String));
  const reader = await transport.reader(['checkpoints'], 'earliest', partition);
  try {
    const records: LogRecord[] = [];
    while (!(await reader.caughtUp()))
      records.push(
        ...(await reader.poll(POLL_WAIT_MS)).filter(({ headers }) => wanted.has(headers['sluice.checkpointId'])),
      );
    return records;
  } finally {
    await reader.close();
  }
}

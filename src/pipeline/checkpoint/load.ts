import { messageOf, SluiceError } from '../../errors.js';
import type { Logger } from '../../ports/logger.js';
import type { LogRecord } from '../../ports/transport.js';
import type { StreamState } from '../stream-state.js';
import type { ReorderStart } from '../order/reorder.js';
import { restoreState, type CapturedState } from './capture.js';
import type { Owner } from './owner.js';
import { assembleCheckpoint, unpackCheckpoint, wholeName } from './pack.js';
import { restoreRows } from './whole.js';

/** State and position to begin a re-read from. */
export interface RestorePoint {
  readonly state: StreamState;
  readonly start: ReorderStart;
}

/** What loading a checkpoint needs. */
export interface CheckpointSource {
  readonly owner: Owner;
  readonly chunks: readonly LogRecord[];
  /** The empty state that was there when a checkpoint was captured, whose start this is. */
  readonly emptyState: (start: ReorderStart) => StreamState;
  readonly logger: Logger;
}

/** Checkpoints that a restore may need: the committed one, and the one before it in case it is damaged. */
export function checkpointsFor(checkpointId: number | null): readonly number[] {
  return checkpointId === null ? [] : [checkpointId, checkpointId - 1];
}

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
  try {
    return await restorePoint(source, checkpointId);
  } catch (thrown) {
    if (thrown instanceof SluiceError && thrown.code !== 'checkpoint-damaged') throw thrown;
    source.logger.error('checkpoint damaged, falling back to the one before it', {
      checkpointId,
      partition: source.owner.partition,
      reason: messageOf(thrown),
    });
    return checkpointId > 1 ? restorePoint(source, checkpointId - 1) : undefined;
  }
}

/** Loads a whole checkpoint; undefined, said loudly, when it is damaged. @throws checkpoint-version */
export async function loadWhole(source: CheckpointSource, wholeId: number): Promise<RestorePoint | undefined> {
  try {
    return await restorePoint(source, wholeName(wholeId).id, restoreRows);
  } catch (thrown) {
    if (thrown instanceof SluiceError && thrown.code !== 'checkpoint-damaged') throw thrown;
    source.logger.error('checkpoint of the last drain is damaged, restoring without it', {
      partition: source.owner.partition,
      reason: messageOf(thrown),
    });
    return undefined;
  }
}

async function restorePoint(
  source: CheckpointSource,
  checkpointId: number | string,
  restoreMore: (captured: CapturedState, state: StreamState) => void = () => undefined,
): Promise<RestorePoint> {
  const { owner, chunks, logger } = source;
  const packed = assembleCheckpoint(chunks, owner.partition, checkpointId);
  try {
    const captured = await unpackCheckpoint(packed);
    const state = source.emptyState(captured.start);
    const lacking = restoreState(captured, state);
    if (lacking.length > 0)
      logger.warn('the features or their settings have changed: state that the checkpoint lacks begins empty', {
        checkpointId,
        partition: owner.partition,
        lacking,
      });
    restoreMore(captured, state);
    return { state, start: captured.start };
  } catch (thrown) {
    if (thrown instanceof SluiceError) throw thrown;
    throw new SluiceError(
      'checkpoint-damaged',
      { checkpointId, partition: owner.partition, why: messageOf(thrown) },
      { cause: thrown },
    );
  }
}

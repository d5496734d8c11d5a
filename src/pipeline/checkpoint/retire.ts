import type { NewRecord } from '../../ports/transport.js';
import type { Partition } from '../partition.js';
import { encodeProgress } from '../progress/progress.js';
import { ownerOf } from './owner.js';
import { checkpointRecords, packCheckpoint, wholeName } from './pack.js';
import { captureWhole, wholeBytes, wholeShapeOf } from './whole.js';

/** What a partition left for the next process. */
export interface Legacy {
  /** Compressed size of the checkpoint; 0 when none was needed or none is allowed. */
  readonly bytes: number;
  /** Why there is none; absent when there is one. */
  readonly why?: 'switched off' | 'samples carry more than facts' | 'too large' | 'nothing new';
}

/** Bytes of chunks a transaction. */
const CHUNK_BYTES_A_COMMIT = 1_800_000;

/**
 * Writes down the state of a partition whole, at the offsets that it has committed, so that the next process reads next to
 * nothing again. Called when its last unit of work is committed. The transaction with the last chunk turns to it: a process
 * that ends before leaves things as they were.
 * @param maxBytes where rows and lists of what is open are larger, they are left for the re-read; 0: always
 * @param restoredAt {@link Partition.position} after the restore: nothing has come since then, nothing is written
 * @throws what a commit throws
 */
export async function retire(partition: Partition, maxBytes: number, restoredAt: string): Promise<Legacy> {
  const { deps, journal, reorder, state } = partition;
  const shape = wholeShapeOf(deps.config, deps.keyOf);
  if (maxBytes === 0) return { bytes: 0, why: 'switched off' };
  if (shape === undefined) return { bytes: 0, why: 'samples carry more than facts' };
  if (journal.hasWhole && partition.position() === restoredAt) return { bytes: 0, why: 'nothing new' };
  if (wholeBytes(state) > maxBytes) return { bytes: 0, why: 'too large' };
  const id = journal.nextWholeId;
  const packed = await packCheckpoint(id, captureWhole(state, reorder));
  const records = checkpointRecords(ownerOf(deps), packed, 0, packed.chunks.length, wholeName(id));
  for (let from = 0; from < records.length;) {
    const to = endOfCommit(records, from);
    if (to === records.length) journal.noteWhole(id, shape);
    await deps.lease.commit({
      records: records.slice(from, to),
      offsets: reorder.offsets,
      progress: encodeProgress(partition.currentProgress()),
    });
    from = to;
  }
  return { bytes: packed.bytes };
}

function endOfCommit(records: readonly NewRecord[], from: number): number {
  let to = from;
  for (let bytes = 0; to < records.length && bytes < CHUNK_BYTES_A_COMMIT; to++)
    bytes += records[to]!.value?.length ?? 0;
  return to;
}

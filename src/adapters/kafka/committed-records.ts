import type { LogRecord } from '../../ports/transport.js';
import type { FetchedBatch } from './record-batch.js';

/** One partition of a fetch response. */
export interface FetchedPartition {
  readonly partition: number;
  readonly errorCode: number;
  readonly lastStableOffset: string;
  readonly highWatermark: string;
  readonly abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[];
  readonly batches: readonly FetchedBatch[];
}

/** What a fetch leaves for the reader. */
export interface CommittedRecords {
  readonly records: readonly LogRecord[];
  /** Where to fetch next: past control records, aborted records and compacted gaps. */
  readonly nextOffset: number;
}

/**
 * The records of a fetch from `fromOffset` that a committed reader may see, in log order. kafkajs has a filter of its own,
 * which takes the aborted transactions in the order the broker lists them (by end, not by start) and lets records through
 * where two of them overlap. The rule here is that of Kafka's own client: a transaction of a producer is open from its
 * first offset to its abort marker.
 */
export function committedRecords(
  fetched: Pick<FetchedPartition, 'abortedTransactions' | 'batches'>,
  fromOffset: number,
): CommittedRecords {
  const aborted = fetched.abortedTransactions
    .map(({ producerId, firstOffset }) => ({ producerId, firstOffset: Number(firstOffset) }))
    .sort((a, b) => a.firstOffset - b.firstOffset);
  const open = new Set<string>();
  const records: LogRecord[] = [];
  let nextAborted = 0;
  let nextOffset = fromOffset;
  for (const batch of fetched.batches) {
    while (nextAborted < aborted.length && aborted[nextAborted]!.firstOffset <= batch.lastOffset)
      open.add(aborted[nextAborted++]!.producerId);
    nextOffset = Math.max(nextOffset, batch.lastOffset + 1);
    if (batch.isControl) {
      if (batch.records.some(({ key }) => isAbortMarker(key))) open.delete(batch.producerId);
      continue;
    }
    if (batch.isInTransaction && open.has(batch.producerId)) continue;
    for (const record of batch.records) if (record.offset >= fromOffset) records.push(record);
  }
  return { records, nextOffset };
}

/** Key of a control record: version int16, then type int16, 0 = abort, 1 = commit. */
const isAbortMarker = (key: Uint8Array | null): boolean =>
  key !== null && key.length >= 4 && key[2] === 0 && key[3] === 0;

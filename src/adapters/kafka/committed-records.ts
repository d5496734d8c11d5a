import type { Headers, LogRecord } from '../../ports/transport.js';

type HeaderValue = Buffer | string | null;

/** A record as kafkajs decodes it from a fetch response. */
export interface FetchedMessage {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, HeaderValue | HeaderValue[] | undefined>>;
  readonly isControlRecord?: boolean;
  /** Absent in message formats before 0.11. */
  readonly batchContext?: {
    readonly firstOffset: string;
    readonly lastOffsetDelta: number;
    readonly producerId: string;
    readonly inTransaction: boolean;
  };
}

/** One partition of a fetch response. */
export interface FetchedPartition {
  readonly partition: number;
  readonly lastStableOffset?: string;
  readonly highWatermark: string;
  readonly abortedTransactions?: readonly { readonly producerId: string; readonly firstOffset: string }[] | null;
  readonly messages: readonly FetchedMessage[];
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
export function committedRecords(fetched: FetchedPartition, fromOffset: number): CommittedRecords {
  const aborted = (fetched.abortedTransactions ?? [])
    .map(({ producerId, firstOffset }) => ({ producerId, firstOffset: Number(firstOffset) }))
    .sort((a, b) => a.firstOffset - b.firstOffset);
  const open = new Set<string>();
  const records: LogRecord[] = [];
  let nextAborted = 0;
  let nextOffset = fromOffset;
  for (const message of fetched.messages) {
    const offset = Number(message.offset);
    const batch = message.batchContext;
    while (nextAborted < aborted.length && aborted[nextAborted]!.firstOffset <= offset)
      open.add(aborted[nextAborted++]!.producerId);
    nextOffset = Math.max(
      nextOffset,
      batch === undefined ? offset + 1 : Number(batch.firstOffset) + batch.lastOffsetDelta + 1,
    );
    if (message.isControlRecord) {
      if (isAbortMarker(message.key) && batch !== undefined) open.delete(batch.producerId);
      continue;
    }
    if (offset < fromOffset) continue;
    if (batch?.inTransaction && open.has(batch.producerId)) continue;
    records.push({
      offset,
      key: message.key,
      value: message.value,
      timestampMs: Number(message.timestamp),
      headers: headersOf(message.headers),
    });
  }
  return { records, nextOffset };
}

/** Key of a control record: version int16, then type int16, 0 = abort, 1 = commit. */
const isAbortMarker = (key: Buffer | null): boolean => key !== null && key.length >= 4 && key.readInt16BE(2) === 0;

const NO_HEADERS: Headers = Object.freeze({});

/** Headers as text; of a repeated one the last counts, and one without a value is as good as absent. */
function headersOf(headers: FetchedMessage['headers']): Headers {
  if (headers === undefined) return NO_HEADERS;
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined && last !== null) texts[name] = typeof last === 'string' ? last : last.toString('utf8');
  }
  return texts;
}

/** Bytes a record counts for in buffers: key, value, headers and a flat sum for the object itself. */
export function recordBytes(record: Pick<LogRecord, 'key' | 'value'>): number {
  return (record.key?.length ?? 0) + (record.value?.length ?? 0) + 64;
}

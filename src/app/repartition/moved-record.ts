import { createHash } from 'node:crypto';
import { partitionOfText } from '../../events/partition.js';
import { refuse } from '../../pipeline/clean/verdict.js';
import type { InputSource } from './input-source.js';
import type { Headers, InputName, LogRecord, NewRecord, TopicRole, Unreadable } from '../../ports/transport.js';

/** Where a message lay: `<partition>@<offset>` of the input, `<topic>/<partition>@<offset>` where that has several topics. */
const FROM = 'sluice.from';
const WRITTEN = 'sluice.writtenMs';
const UNREADABLE = 'sluice.unreadable';

/** Bytes kept of a message that the topic by session does not take: enough for its dead letter to show. */
const KEPT_BYTES = 65_536;
/** Room for what is added to a message. */
const ADDED_BYTES = 1_024;

/** To its transport the step is an application of its own, two of whose outputs are the inputs of the stream. */
export const TOPIC_OF: Readonly<Record<InputName, TopicRole>> = { impressions: 'training', interactions: 'late' };

/** Where a message goes to. */
export interface Destination {
  readonly partitionCount: number;
  /** Bytes that a record may have there. */
  readonly limit: number;
}

/**
 * The message as it goes to the topic by session: bytes, key and headers as they are, its place and time beside them. One
 * without a session stays on its partition number. One too large for the topic is cut and becomes a dead letter behind it.
 */
export function movedRecord(
  { input, partition, lies }: Pick<InputSource, 'input' | 'partition' | 'lies'>,
  record: LogRecord,
  session: string | undefined,
  { partitionCount, limit }: Destination,
): NewRecord {
  const own = { [FROM]: `${lies}@${record.offset}`, [WRITTEN]: String(record.timestampMs) };
  const to = session === undefined ? partition % partitionCount : partitionOfText(session, partitionCount);
  const placed = { topic: TOPIC_OF[input], partition: to };
  const isTooLarge = bytesOf(record) + ADDED_BYTES > limit;
  const unreadable = record.unreadable ?? (isTooLarge ? tooLarge(record, limit) : undefined);
  if (unreadable === undefined)
    return { ...placed, key: record.key, value: record.value, headers: { ...record.headers, ...own } };
  return {
    ...placed,
    key: (record.key?.length ?? 0) > ADDED_BYTES ? null : record.key,
    value: record.value?.subarray(0, Math.min(KEPT_BYTES, limit / 2)) ?? null,
    headers: { ...own, [UNREADABLE]: JSON.stringify(unreadable) },
  };
}

/** The message as it lay on the input, under its offset here. What something else wrote is left as it is. */
export function restored<R extends LogRecord>(record: R): R {
  const { [WRITTEN]: written, [UNREADABLE]: unreadable, ...headers } = record.headers;
  if (written === undefined) return record;
  return {
    ...record,
    headers,
    timestampMs: Number(written),
    ...(unreadable === undefined ? {} : { unreadable: JSON.parse(unreadable) as Unreadable }),
  };
}

function tooLarge({ value }: LogRecord, limit: number): Unreadable {
  const bytes = value?.length ?? 0;
  const { reason } = refuse('message-too-large', {
    bytes,
    limit: `${limit}, and over what the topic by session takes`,
  });
  const packedSha256 = createHash('sha256')
    .update(value ?? new Uint8Array(0))
    .digest('hex');
  return { code: 'message-too-large', reason, packedBytes: bytes, packedSha256 };
}

function bytesOf({ key, value, headers }: LogRecord): number {
  return (key?.length ?? 0) + (value?.length ?? 0) + headerBytes(headers);
}

function headerBytes(headers: Headers): number {
  let bytes = 0;
  for (const [name, text] of Object.entries(headers)) bytes += 3 * (name.length + text.length) + 10;
  return bytes;
}

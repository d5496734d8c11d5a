import { createHash } from 'node:crypto';
import { messageOf, reasonOf } from '../../errors.js';
import type { LogRecord, Unreadable } from '../../ports/transport.js';
import { BATCH_CODECS, UnpacksTooLarge, type CodecName } from '../compression/index.js';
import { recordsOf } from './batch-records.js';
import { crc32c } from './crc32c.js';

/** A record batch of a fetch response. */
export interface FetchedBatch {
  readonly firstOffset: number;
  /** Also where compaction has removed the record that had it. */
  readonly lastOffset: number;
  readonly producerId: string;
  readonly isInTransaction: boolean;
  /** True for the mark of a commit or an abort. */
  readonly isControl: boolean;
  /** One alone, `unreadable` and at the last offset, for a batch that cannot be taken apart. */
  readonly records: readonly LogRecord[];
}

/** A batch may not unpack to more than this, records counted as {@link RECORD_BYTES} each and what they hold. */
export const MAX_UNPACKED_BATCH_BYTES = 67_108_864;
/** What a record takes in memory besides its bytes. */
const RECORD_BYTES = 64;
/** Bytes of an unreadable batch that are kept. */
const KEPT_BYTES = 1_024;

/** Places of the fields of a batch (message format 2). */
const LENGTH_AT = 8;
const MAGIC_AT = 16;
const CHECKSUM_AT = 17;
/** Also where what the checksum is of begins. */
const ATTRIBUTES_AT = 21;
const LAST_DELTA_AT = 23;
const FIRST_TIME_AT = 27;
const MAX_TIME_AT = 35;
const PRODUCER_AT = 43;
const COUNT_AT = 57;
const RECORDS_AT = 61;
const CODEC_MASK = 0x07;
const APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

const CODECS: readonly (CodecName | 'none' | undefined)[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

/** Bytes of the batch that begins here; undefined when the buffer ends before the batch does. */
export function batchLength(buffer: Buffer, at: number): number | undefined {
  if (at + RECORDS_AT > buffer.length) return undefined;
  const length = LENGTH_AT + 4 + buffer.readInt32BE(at + LENGTH_AT);
  return length >= RECORDS_AT && at + length <= buffer.length ? length : undefined;
}

/** Message format of the batch that begins here: 2 since Kafka 0.11. */
export const formatOf = (buffer: Buffer, at: number): number => buffer.readInt8(at + MAGIC_AT);

/**
 * Takes one whole batch of message format 2 apart. Never rejects: what its producer (or a damaged disk) made unreadable
 * becomes one `unreadable` record. Memory stays within {@link MAX_UNPACKED_BATCH_BYTES}.
 * @returns the batch and how many bytes its records were unpacked to
 */
export async function fetchedBatch(
  bytes: Buffer,
  maxBytes = MAX_UNPACKED_BATCH_BYTES,
): Promise<{ readonly batch: FetchedBatch; readonly unpackedBytes: number }> {
  const firstOffset = Number(bytes.readBigInt64BE(0));
  const attributes = bytes.readInt16BE(ATTRIBUTES_AT);
  const maxTimeMs = Number(bytes.readBigInt64BE(MAX_TIME_AT));
  const head = {
    firstOffset,
    lastOffset: firstOffset + bytes.readInt32BE(LAST_DELTA_AT),
    producerId: bytes.readBigInt64BE(PRODUCER_AT).toString(),
    isInTransaction: (attributes & TRANSACTIONAL) !== 0,
    isControl: (attributes & CONTROL) !== 0,
  };
  const count = bytes.readInt32BE(COUNT_AT);
  const packed = bytes.subarray(RECORDS_AT);
  try {
    // Brokers check what producers send; what comes from a damaged disk or cable nobody else checks.
    if (crc32c(bytes.subarray(ATTRIBUTES_AT)) !== bytes.readUInt32BE(CHECKSUM_AT))
      throw new Error('its checksum is not that of its bytes');
    const room = maxBytes - count * RECORD_BYTES;
    if (room < 0) throw new UnpacksTooLarge(maxBytes);
    const unpacked = await unpack(packed, attributes & CODEC_MASK, room);
    const firstTimeMs = Number(bytes.readBigInt64BE(FIRST_TIME_AT));
    const appendedMs = (attributes & APPEND_TIME) !== 0 ? maxTimeMs : undefined;
    const records = recordsOf(unpacked, { count, firstOffset, firstTimeMs, appendedMs });
    return { batch: { ...head, records }, unpackedBytes: unpacked.length + count * RECORD_BYTES };
  } catch (error) {
    const record = unreadableRecord(packed, head, count, maxTimeMs, error);
    return { batch: { ...head, records: [record] }, unpackedBytes: 0 };
  }
}

async function unpack(packed: Buffer, codec: number, maxBytes: number): Promise<Buffer> {
  const name = CODECS[codec];
  if (name === undefined) throw new Error(`compression ${codec} is not known`);
  if (name === 'none') return packed;
  const unpacked = await BATCH_CODECS[name].decompress(packed, Math.max(1, maxBytes));
  return Buffer.from(unpacked.buffer, unpacked.byteOffset, unpacked.byteLength);
}

/** At the last offset, so that whoever commits it has passed the whole batch. */
function unreadableRecord(
  packed: Buffer,
  { firstOffset, lastOffset }: Pick<FetchedBatch, 'firstOffset' | 'lastOffset'>,
  count: number,
  timestampMs: number,
  error: unknown,
): LogRecord {
  const place = { count, firstOffset, lastOffset };
  const unreadable: Unreadable =
    error instanceof UnpacksTooLarge
      ? verdict('batch-too-large', { ...place, limit: error.maxBytes }, packed)
      : verdict('batch-damaged', { ...place, why: messageOf(error) }, packed);
  return {
    offset: lastOffset,
    key: null,
    value: packed.subarray(0, KEPT_BYTES),
    timestampMs,
    headers: {},
    unreadable,
  };
}

function verdict(
  code: Unreadable['code'],
  details: Readonly<Record<string, string | number>>,
  packed: Buffer,
): Unreadable {
  return {
    code,
    reason: reasonOf(code, details),
    packedBytes: packed.length,
    packedSha256: createHash('sha256').update(packed).digest('hex'),
  };
}

import type { Headers, LogRecord, NewRecord, ReadRecord, TopicRole, Unreadable } from '../../ports/transport.js';

/**
 * Records on their way to another thread: keys and values one after the other in one buffer, which moves instead of being
 * copied. One clone of many small buffers would cost a few microseconds a record.
 */
interface Packed {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Bytes of each record's key and value, in pairs; −1 for null. */
  readonly lengths: Int32Array<ArrayBuffer>;
  /** undefined where no record has any. */
  readonly headers: readonly (Headers | undefined)[] | undefined;
}

/** Records that were read. */
export interface PackedRead extends Packed {
  readonly offsets: Float64Array<ArrayBuffer>;
  readonly timesMs: Float64Array<ArrayBuffer>;
  /** By place; hardly any record is. */
  readonly unreadable: readonly (readonly [at: number, why: Unreadable])[];
}

/** The same from several topic partitions. */
export interface PackedTopics extends PackedRead {
  readonly topics: readonly TopicRole[];
  readonly partitions: Int32Array<ArrayBuffer>;
}

/** Records to be written. */
export interface PackedNew extends Packed {
  readonly topics: readonly TopicRole[];
  /** −1 where the record names none. */
  readonly partitions: Int32Array<ArrayBuffer>;
}

type KeyAndValue = Pick<LogRecord, 'key' | 'value'> & { readonly headers?: Headers };

export function packRead(records: readonly LogRecord[]): PackedRead {
  return {
    ...packed(records),
    offsets: Float64Array.from(records, ({ offset }) => offset),
    timesMs: Float64Array.from(records, ({ timestampMs }) => timestampMs),
    unreadable: records.flatMap(({ unreadable }, at) => (unreadable ? [[at, unreadable] as const] : [])),
  };
}

export function unpackRead(pack: PackedRead): LogRecord[] {
  const unreadable = new Map(pack.unreadable);
  return unpacked(pack, ({ key, value, headers }, at) => {
    const why = unreadable.get(at);
    const record = {
      offset: pack.offsets[at]!,
      key,
      value,
      timestampMs: pack.timesMs[at]!,
      headers: headers ?? NO_HEADERS,
    };
    return why ? { ...record, unreadable: why } : record;
  });
}

export function packTopics(records: readonly ReadRecord[]): PackedTopics {
  return {
    ...packRead(records),
    topics: records.map(({ topic }) => topic),
    partitions: Int32Array.from(records, ({ partition }) => partition),
  };
}

export function unpackTopics(pack: PackedTopics): ReadRecord[] {
  return unpackRead(pack).map((record, at) => ({
    ...record,
    topic: pack.topics[at]!,
    partition: pack.partitions[at]!,
  }));
}

export function packNew(records: readonly NewRecord[]): PackedNew {
  return {
    ...packed(records),
    topics: records.map(({ topic }) => topic),
    partitions: Int32Array.from(records, ({ partition }) => partition ?? NONE),
  };
}

export function unpackNew(pack: PackedNew): NewRecord[] {
  return unpacked(pack, ({ key, value, headers }, at) => {
    const partition = pack.partitions[at]!;
    return {
      topic: pack.topics[at]!,
      key,
      value,
      ...(partition === NONE ? {} : { partition }),
      ...(headers ? { headers } : {}),
    };
  });
}

/** The buffers of a pack, to be moved. */
export function buffersOf(pack: PackedRead | PackedNew): ArrayBuffer[] {
  const columns = 'offsets' in pack ? [pack.offsets.buffer, pack.timesMs.buffer] : [];
  return [pack.bytes.buffer, pack.lengths.buffer, ...columns];
}

const NONE = -1;
const NO_HEADERS: Headers = Object.freeze({});

function packed(records: readonly KeyAndValue[]): Packed {
  const lengths = new Int32Array(2 * records.length);
  let total = 0;
  records.forEach(({ key, value }, at) => {
    lengths[2 * at] = key?.length ?? NONE;
    lengths[2 * at + 1] = value?.length ?? NONE;
    total += (key?.length ?? 0) + (value?.length ?? 0);
  });
  const bytes = new Uint8Array(total);
  let to = 0;
  for (const { key, value } of records) {
    if (key) bytes.set(key, to);
    to += key?.length ?? 0;
    if (value) bytes.set(value, to);
    to += value?.length ?? 0;
  }
  const hasHeaders = records.some(({ headers }) => headers !== undefined && Object.keys(headers).length > 0);
  return { bytes, lengths, headers: hasHeaders ? records.map(({ headers }) => headers) : undefined };
}

/** Keys and values are views of the one buffer. */
function unpacked<T>({ bytes, lengths, headers }: Packed, as: (record: KeyAndValue, at: number) => T): T[] {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let from = 0;
  const next = (length: number): Buffer | null => {
    if (length === NONE) return null;
    from += length;
    return whole.subarray(from - length, from);
  };
  return Array.from({ length: lengths.length / 2 }, (_, at) => {
    const key = next(lengths[2 * at]!);
    const value = next(lengths[2 * at + 1]!);
    const given = headers?.[at];
    return as({ key, value, ...(given ? { headers: given } : {}) }, at);
  });
}

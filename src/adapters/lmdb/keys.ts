import { createHash } from 'node:crypto';

/** Offsets take six bytes of a key. */
const LAST_OFFSET = 2 ** 48 - 1;

/** Longer record keys stand in the index by their SHA-256: LMDB keys end at 1,978 bytes. */
const LONGEST_INDEXED_KEY_BYTES = 256;

/** Key of a topic partition: topic id and partition, two bytes each, big-endian, so that keys sort as numbers do. */
export function partitionKey(topicId: number, partition: number): Buffer {
  const key = Buffer.allocUnsafe(4);
  key.writeUInt16BE(topicId, 0);
  key.writeUInt16BE(partition, 2);
  return key;
}

/** Key of a record: topic id, partition, offset; ten bytes. */
export function recordKey(topicId: number, partition: number, offset: number): Buffer {
  const key = Buffer.allocUnsafe(10);
  key.writeUInt16BE(topicId, 0);
  key.writeUInt16BE(partition, 2);
  key.writeUIntBE(offset, 4, 6);
  return key;
}

/** A key behind all records of a topic partition. */
export function lastRecordKey(topicId: number, partition: number): Buffer {
  return recordKey(topicId, partition, LAST_OFFSET);
}

/** Offset of a record's key. */
export function offsetOf(key: Uint8Array): number {
  // By hand: a Buffer over every key read would cost more than the rest of reading it.
  return ((key[4]! << 8) | key[5]!) * 2 ** 32 + (((key[6]! << 24) | (key[7]! << 16) | (key[8]! << 8) | key[9]!) >>> 0);
}

/** Key under which a compacted topic partition keeps the offset of the newest record of a record key. */
export function newestKey(topicId: number, partition: number, key: Uint8Array): Buffer {
  const isShort = key.length <= LONGEST_INDEXED_KEY_BYTES;
  const name = isShort ? key : createHash('sha256').update(key).digest();
  return Buffer.concat([partitionKey(topicId, partition), Buffer.from([isShort ? 0 : 1]), name]);
}

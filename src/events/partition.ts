/**
 * Kafka's default partitioner: murmur2 of the key bytes, sign bit cleared, modulo the partition count. Both transports
 * use it, so the same events land on the same partition number everywhere.
 * Source: org.apache.kafka.common.utils.Utils.murmur2, seed 0x9747b28c.
 */
export function partitionOf(key: Uint8Array, partitionCount: number): number {
  return (murmur2(key) & 0x7fffffff) % partitionCount;
}

/** Where the default partitioner puts a record whose key is this text in UTF-8. */
export function partitionOfText(text: string, partitionCount: number): number {
  return partitionOf(utf8.encode(text), partitionCount);
}

const utf8 = new TextEncoder();

/** 32-bit murmur2, signed. */
export function murmur2(bytes: Uint8Array): number {
  const m = 0x5bd1e995;
  const length = bytes.length;
  let h = 0x9747b28c ^ length;
  const blocks = length >> 2;
  for (let i = 0; i < blocks; i++) {
    const at = i << 2;
    let k = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    k = Math.imul(k, m);
    k ^= k >>> 24;
    k = Math.imul(k, m);
    h = Math.imul(h, m) ^ k;
  }
  const tail = blocks << 2;
  const rest = length & 3;
  if (rest === 3) h ^= bytes[tail + 2]! << 16;
  if (rest >= 2) h ^= bytes[tail + 1]! << 8;
  if (rest >= 1) {
    h ^= bytes[tail]!;
    h = Math.imul(h, m);
  }
  h ^= h >>> 13;
  h = Math.imul(h, m);
  h ^= h >>> 15;
  return h;
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32c } from '../../../src/adapters/kafka/crc32c.js';
import type { CodecName } from '../../../src/adapters/compression/index.js';

/** The values of the forty messages that make.py and Client.java send. */
export const FIXTURE_VALUES: readonly string[] = Array.from({ length: 40 }, (_, n) =>
  JSON.stringify({ n, text: 'sessions and clicks '.repeat((n % 7) * 8) }),
);

/** A log segment that a broker wrote of what a client sent; test/fixtures/batches/make.py makes them. */
export function segment(maker: 'librdkafka' | 'java', codec: CodecName): Buffer {
  return readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', 'batches', `${maker}-${codec}.batch`));
}

/** A batch of message format 2 around records that are packed already. */
export function batchAround(packed: Uint8Array, codec: number, count = 1, firstOffset = 0): Buffer {
  const head = Buffer.alloc(61);
  head.writeBigInt64BE(BigInt(firstOffset));
  head.writeInt32BE(49 + packed.length, 8);
  head.writeInt8(2, 16);
  head.writeInt16BE(codec, 21);
  head.writeInt32BE(count - 1, 23);
  head.writeBigInt64BE(-1n, 43);
  head.writeInt32BE(count, 57);
  return checked(Buffer.concat([head, packed]));
}

/** The batch with the checksum of what it holds now. */
function checked(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}

import type { BatchCodec } from './batch-codec.js';
import { gzipCodec } from './gzip.js';
import { lz4Codec } from './lz4.js';
import { snappyCodec } from './snappy.js';
import { zstdCodec } from './zstd.js';

/** The ways to pack the records of a batch, by the names of Kafka's `compression.type`. */
export const BATCH_CODECS = {
  gzip: gzipCodec,
  snappy: snappyCodec,
  lz4: lz4Codec,
  zstd: zstdCodec,
} as const satisfies Record<string, BatchCodec>;

export type CodecName = keyof typeof BATCH_CODECS;

import kafkajs from 'kafkajs';
import { BATCH_CODECS, type BatchCodec, type CodecName } from '../compression/index.js';
import { MAX_UNPACKED_BATCH_BYTES } from './record-batch.js';
import type { KafkaOptions } from './settings.js';

/** Records on their way into a batch, as kafkajs holds them. */
interface Encoder {
  readonly buffer: Buffer;
}

const TYPES: Readonly<Record<KafkaOptions['transport']['compression'], number>> = {
  none: kafkajs.CompressionTypes.None,
  gzip: kafkajs.CompressionTypes.GZIP,
  snappy: kafkajs.CompressionTypes.Snappy,
  lz4: kafkajs.CompressionTypes.LZ4,
  zstd: kafkajs.CompressionTypes.ZSTD,
};

/** The number under which kafkajs knows `transport.compression`. */
export function compressionType({ transport }: Pick<KafkaOptions, 'transport'>): number {
  return TYPES[transport.compression];
}

/** Gives kafkajs, which looks codecs up in a table of its own, ours: for what is written, and for messages of old formats. */
export function lendCodecs(): void {
  const table = kafkajs.CompressionCodecs as Record<number, () => unknown>;
  for (const name of Object.keys(BATCH_CODECS) as CodecName[]) table[TYPES[name]] = () => lent(BATCH_CODECS[name]);
}

const lent = (codec: BatchCodec) => ({
  compress: async ({ buffer }: Encoder): Promise<Buffer> => asBuffer(await codec.compress(buffer)),
  decompress: async (packed: Buffer): Promise<Buffer> =>
    asBuffer(await codec.decompress(packed, MAX_UNPACKED_BATCH_BYTES)),
});

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

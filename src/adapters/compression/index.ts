export { UnpacksTooLarge, type BatchCodec } from './batch-codec.js';
export { BATCH_CODECS, type CodecName } from './codecs.js';
export { unpackZstdBlock, zstdUnpacker } from './zstd-stream.js';

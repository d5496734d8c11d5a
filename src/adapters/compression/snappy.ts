import { snappyCompress, snappyUncompress, snappyUncompressor } from 'hysnappy';
import { UnpacksTooLarge, type BatchCodec } from './batch-codec.js';

/** First bytes of the framing of snappy-java, which the Java client writes; librdkafka writes one bare block. */
const XERIAL = Uint8Array.of(0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00);
/** Those, a version and the oldest version that can read it. */
const XERIAL_HEADER_BYTES = 16;
const LENGTH_BYTES = 4;
/** Blocks of this size share one WebAssembly instance, whose memory never shrinks; a larger one gets its own. */
const SHARED_BLOCK_BYTES = 1_048_576;

interface Block {
  readonly packed: Uint8Array;
  readonly unpackedBytes: number;
}

/** snappy in both framings for reading; writes one bare block, which every client reads. */
export const snappyCodec: BatchCodec = {
  compress: (bytes) => Promise.resolve(snappyCompress(bytes)),
  async decompress(bytes, maxBytes) {
    const blocks = blocksOf(bytes);
    const total = blocks.reduce((sum, { unpackedBytes }) => sum + unpackedBytes, 0);
    if (total > maxBytes) throw new UnpacksTooLarge(maxBytes);
    const unpack = snappyUncompressor();
    const parts = blocks.map(({ packed, unpackedBytes }) =>
      (packed.length + unpackedBytes > SHARED_BLOCK_BYTES ? snappyUncompress : unpack)(packed, unpackedBytes),
    );
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  },
};

/** The blocks with the sizes that they say they have: nothing is unpacked before their sum is known. */
function blocksOf(bytes: Uint8Array): readonly Block[] {
  if (!XERIAL.every((byte, at) => bytes[at] === byte)) return [blockOf(bytes)];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks: Block[] = [];
  for (let at = XERIAL_HEADER_BYTES; at < bytes.length;) {
    if (at + LENGTH_BYTES > bytes.length) throw new Error('snappy: a block is cut short');
    const start = at + LENGTH_BYTES;
    const end = start + view.getUint32(at);
    if (end > bytes.length) throw new Error('snappy: a block is cut short');
    blocks.push(blockOf(bytes.subarray(start, end)));
    at = end;
  }
  return blocks;
}

/** A block begins with its unpacked size, a number in base 128, lowest digit first. */
function blockOf(packed: Uint8Array): Block {
  let unpackedBytes = 0;
  for (let at = 0; at < 5; at++) {
    const byte = packed[at];
    if (byte === undefined) break;
    unpackedBytes += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return { packed, unpackedBytes };
  }
  throw new Error('snappy: a block has no size');
}

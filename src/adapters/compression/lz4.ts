import { UnpacksTooLarge, type BatchCodec } from './batch-codec.js';
import { packBlock, unpackBlock, unpackedSize } from './lz4-block.js';
import { xxh32OfFew } from './xxh32-of-few.js';

const MAGIC = 0x184d2204;
const VERSION = 1;
/** Each block stands alone: the Java client reads no others. */
const INDEPENDENT_BLOCKS = 0x20;
const BLOCK_CHECKSUMS = 0x10;
const CONTENT_SIZE = 0x08;
const CONTENT_CHECKSUM = 0x04;
const DICTIONARY = 0x01;
/** Code of blocks of 64 KB, the size that the Java client writes. */
const BLOCKS_OF_64_KB = 4;
const BLOCK_BYTES = 65_536;
/** Set in the length of a block that is not packed. */
const AS_IT_IS = 0x80000000;

interface Block {
  readonly bytes: Uint8Array;
  readonly isPacked: boolean;
  readonly unpackedBytes: number;
}

/**
 * LZ4 frames (version 1 of the frame format). Content and block checksums are passed over: the batch around the frame has
 * one of its own. The sizes of all blocks are known before anything is unpacked.
 */
export const lz4Codec: BatchCodec = {
  compress: (bytes) => Promise.resolve(pack(bytes)),
  async decompress(bytes, maxBytes) {
    const blocks = blocksOf(bytes);
    const total = blocks.reduce((sum, { unpackedBytes }) => sum + unpackedBytes, 0);
    if (total > maxBytes) throw new UnpacksTooLarge(maxBytes);
    const unpacked = new Uint8Array(total);
    let at = 0;
    for (const block of blocks) {
      if (block.isPacked) unpackBlock(block.bytes, unpacked, at);
      else unpacked.set(block.bytes, at);
      at += block.unpackedBytes;
    }
    return unpacked;
  },
};

/** The blocks of all frames, one frame after the other. */
function blocksOf(bytes: Uint8Array): readonly Block[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks: Block[] = [];
  for (let at = 0; at < bytes.length;) {
    if (view.getUint32(at, true) !== MAGIC) throw new Error('lz4: this is no frame');
    const flags = view.getUint8(at + 4);
    if (flags >> 6 !== VERSION) throw new Error(`lz4: frame of version ${flags >> 6}`);
    at += 7 + (flags & CONTENT_SIZE ? 8 : 0) + (flags & DICTIONARY ? 4 : 0);
    for (;;) {
      const length = view.getUint32(at, true);
      at += 4;
      if (length === 0) break;
      const isPacked = length < AS_IT_IS;
      const end = at + (isPacked ? length : length - AS_IT_IS);
      if (end > bytes.length) throw new Error('lz4: a block is cut short');
      const block = bytes.subarray(at, end);
      blocks.push({ bytes: block, isPacked, unpackedBytes: isPacked ? unpackedSize(block) : block.length });
      at = end + (flags & BLOCK_CHECKSUMS ? 4 : 0);
    }
    if (flags & CONTENT_CHECKSUM) at += 4;
  }
  return blocks;
}

function pack(bytes: Uint8Array): Uint8Array {
  const header = Buffer.alloc(7);
  header.writeUInt32LE(MAGIC);
  header[4] = (VERSION << 6) | INDEPENDENT_BLOCKS;
  header[5] = BLOCKS_OF_64_KB << 4;
  header[6] = (xxh32OfFew(header.subarray(4, 6)) >>> 8) & 0xff;
  const parts: Uint8Array[] = [header];
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const block = bytes.subarray(at, at + BLOCK_BYTES);
    const packed = packBlock(block);
    const isWorthIt = packed.length < block.length;
    const length = Buffer.alloc(4);
    length.writeUInt32LE(isWorthIt ? packed.length : AS_IT_IS + block.length);
    parts.push(length, isWorthIt ? packed : block);
  }
  return Buffer.concat([...parts, Buffer.alloc(4)]);
}

import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { Decompress } from 'fzstd';
import { UnpacksTooLarge, type BatchCodec } from './batch-codec.js';
import { isTooLarge } from './gzip.js';
import { zstdFrames } from './zstd-frames.js';

type Pack = (bytes: Uint8Array) => Promise<Uint8Array>;
type Unpack = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Promise<Uint8Array>;

/** Node has zstd of its own from 22.15 on. */
interface NativeZstd {
  readonly zstdCompress?: Parameters<typeof promisify>[0];
  readonly zstdDecompress?: Parameters<typeof promisify>[0];
}

/** Windows that every reader should take, however little a frame holds (RFC 8878, section 3.1.1.1.2). */
const LEAST_WINDOW_BYTES = 8_388_608;
/** Level 1 of 22: half of the time of the default for a few percent more bytes. */
const LEVEL = 1;

/** zstd by Node where it has it (22.15 on), else by fzstd (reading) and by zstd in WebAssembly (writing). */
export const zstdCodec: BatchCodec = codecOf(zlib as NativeZstd);

/** The codec over what a version of Node has. */
export function codecOf({ zstdCompress, zstdDecompress }: NativeZstd): BatchCodec {
  const pack = zstdCompress ? (promisify(zstdCompress) as Pack) : packByWasm();
  const unpack = zstdDecompress && (promisify(zstdDecompress) as unknown as Unpack);
  return {
    compress: (bytes) => pack(bytes),
    async decompress(bytes, maxBytes) {
      if (unpack === undefined) return unpackByBlocks(bytes, maxBytes);
      try {
        return await unpack(bytes, { maxOutputLength: maxBytes });
      } catch (error) {
        throw isTooLarge(error) ? new UnpacksTooLarge(maxBytes) : error;
      }
    },
  };
}

/**
 * Loaded with the first batch, for it brings a quarter of a megabyte of WebAssembly, and once: a second `init` would replace
 * the memory under a call that is under way.
 */
function packByWasm(): Pack {
  let loaded: ReturnType<typeof load> | undefined;
  const load = async () => {
    const library = await import('@bokuweb/zstd-wasm');
    await library.init();
    return library;
  };
  return async (bytes) => (await (loaded ??= load())).compress(bytes, LEVEL);
}

function unpackByBlocks(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let total = 0;
  for (const { frame, windowBytes } of zstdFrames(bytes)) {
    // The reader allocates the window that a frame asks for, up to 2 GB, before it looks at the data.
    if (windowBytes > Math.max(maxBytes, LEAST_WINDOW_BYTES)) throw new UnpacksTooLarge(maxBytes);
    const stream = new Decompress((part) => {
      total += part.length;
      if (total > maxBytes) throw new UnpacksTooLarge(maxBytes);
      parts.push(part);
    });
    stream.push(frame, true);
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

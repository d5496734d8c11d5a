import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { messageOf, SluiceError } from '../../errors.js';
import { zstdUnpacker } from '../compression/index.js';
import { TextOf } from './text-of.js';

/** A file, packed or plain, as the stream of what is in it. */
export interface Unpacked {
  readonly stream: Readable;
  /** How far reading has come in the file as stored, 0 to 1; 0 where its size is not known. */
  readFraction(): number;
  /** True once bytes have come by that are no character of the encoding; false where none was named. */
  hasWrongBytes(): boolean;
  /** Stops reading. */
  close(): void;
}

const READ_BYTES = 256 * 1024;
const GZIP = [0x1f, 0x8b];
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];

/** `-` stands for standard input. */
export function isStandardInput(path: string): boolean {
  return path === '-';
}

/** The first byte of standard input that is no white space, which stays to be read; undefined when there is none. */
export async function firstByte(path: string): Promise<number | undefined> {
  const start = isStandardInput(path) ? await peek(process.stdin) : Buffer.alloc(0);
  return start.find((byte) => byte > 0x20 && byte < 0x80);
}

/**
 * Opens a file, or `-` for standard input. gzip and zstd are told by their first bytes; a name in `.gz` or `.zst` must hold
 * what it says.
 * @param encoding of the text in it; the stream is UTF-8 then. Absent: the stream is the bytes as they stand
 * @throws SluiceError `file-unreadable` (absent, no permission, a folder). A damaged archive is an error of the stream.
 */
export async function openUnpacked(path: string, encoding?: string): Promise<Unpacked> {
  if (isStandardInput(path)) {
    const start = await peek(process.stdin);
    return unpacked(process.stdin, start, { path: '', encoding, readFraction: () => 0 });
  }
  const { sizeBytes, start } = beginningOf(path);
  const raw = createReadStream(path, { highWaterMark: READ_BYTES });
  const readFraction = (): number => (sizeBytes > 0 ? Math.min(1, raw.bytesRead / sizeBytes) : 1);
  return unpacked(raw, start, { path, encoding, readFraction });
}

interface Opened {
  readonly path: string;
  readonly encoding: string | undefined;
  readonly readFraction: () => number;
}

function unpacked(raw: Readable, start: Buffer, { path, encoding, readFraction }: Opened): Unpacked {
  const begins = (magic: readonly number[]): boolean => magic.every((byte, at) => start[at] === byte);
  const unpacker =
    begins(GZIP) || path.endsWith('.gz')
      ? createGunzip({ chunkSize: READ_BYTES })
      : begins(ZSTD) || /\.zstd?$/.test(path)
        ? zstdUnpacker()
        : undefined;
  if (unpacker) raw.once('error', (error) => unpacker.destroy(error));
  const plain = unpacker ? raw.pipe(unpacker) : raw;
  const text = encoding === undefined ? undefined : new TextOf(encoding);
  if (text) plain.once('error', (error) => text.destroy(error));
  return {
    stream: text ? plain.pipe(text) : plain,
    readFraction,
    hasWrongBytes: () => text?.hasWrongBytes === true,
    close: () => {
      raw.destroy();
      plain.destroy();
      text?.destroy();
    },
  };
}

function beginningOf(path: string): { readonly sizeBytes: number; readonly start: Buffer } {
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) throw new Error('it is a folder');
    if (!stats.isFile()) return { sizeBytes: 0, start: Buffer.alloc(0) };
    const start = Buffer.alloc(ZSTD.length);
    const file = openSync(path, 'r');
    try {
      readSync(file, start, 0, start.length, 0);
    } finally {
      closeSync(file);
    }
    return { sizeBytes: stats.size, start };
  } catch (thrown) {
    throw new SluiceError('file-unreadable', { path, why: messageOf(thrown) }, { cause: thrown });
  }
}

/**
 * What a stream brings first, put back into it: at once, for a stream whose last bytes were read ends when nothing of it is
 * there a moment later.
 */
function peek(stream: Readable): Promise<Buffer> {
  if (stream.readableEnded) return Promise.resolve(Buffer.alloc(0));
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const chunk = stream.read() as Buffer | null;
      if (chunk === null && !stream.readableEnded) return;
      if (chunk !== null) stream.unshift(chunk);
      stream.off('readable', look).off('end', look).off('error', reject);
      resolve(chunk ?? Buffer.alloc(0));
    };
    stream.on('readable', look).once('end', look).once('error', reject);
  });
}

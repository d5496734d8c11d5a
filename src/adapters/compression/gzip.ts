import { promisify } from 'node:util';
import { gzip, unzip } from 'node:zlib';
import { UnpacksTooLarge, type BatchCodec } from './batch-codec.js';

const pack = promisify(gzip);
const unpack = promisify(unzip);

/** gzip by Node's zlib, on its thread pool; several members are one stream. */
export const gzipCodec: BatchCodec = {
  compress: (bytes) => pack(bytes),
  async decompress(bytes, maxBytes) {
    try {
      return await unpack(bytes, { maxOutputLength: maxBytes });
    } catch (error) {
      throw isTooLarge(error) ? new UnpacksTooLarge(maxBytes) : error;
    }
  },
};

/** True for what zlib says when `maxOutputLength` is reached. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}

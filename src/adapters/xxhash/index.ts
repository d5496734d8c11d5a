import xxhash from 'xxhash-wasm';
import type { Hash32 } from '../../ports/hash.js';
import { xxh32OfAscii } from './xxh32-ascii.js';

/**
 * Compiles XXH32 and gives it as a {@link Hash32}: UTF-8 bytes of the text, seed modulo 2³², unsigned result. A lone
 * surrogate hashes as U+FFFD.
 */
export async function createHash32(): Promise<Hash32> {
  const { h32 } = await xxhash();
  return (text, seed) => {
    const hash = xxh32OfAscii(text, seed);
    return hash >= 0 ? hash : h32(text, seed) >>> 0;
  };
}

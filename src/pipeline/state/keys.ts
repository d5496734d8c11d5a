import type { Hash32 } from '../../ports/hash.js';

/**
 * Identifiers in state are 53-bit keys: they fit a Float64Array, compare in one instruction, and carry no text. Two of a
 * million identifiers collide with probability 6·10⁻⁵; a collision blurs two counters and nothing else. 0 means empty.
 */
export type Key = number;

/** Turns text into a {@link Key}. */
export type KeyOf = (text: string) => Key;

const SEED_LOW = 0x5311ce;
const SEED_HIGH = 0x9e3779b9;
const TWO_32 = 4_294_967_296;
const TWO_53 = 9_007_199_254_740_992;

/** Builds the text → key function from two seeded 32-bit hashes. */
export function createKeyOf(hash32: Hash32): KeyOf {
  return (text) => (hash32(text, SEED_HIGH) >>> 11) * TWO_32 + hash32(text, SEED_LOW) || 1;
}

/** Combines two keys into one; order matters. Finalizer after MurmurHash3's fmix32, run over both halves. */
export function mix(a: Key, b: Key): Key {
  let low = (a >>> 0) ^ Math.imul(b >>> 0, 0x9e3779b1);
  let high = ((a / TWO_32) >>> 0) ^ Math.imul(((b / TWO_32) >>> 0) + 0x7f4a7c15, 0x85ebca6b);
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b);
  high = Math.imul(high ^ low ^ (high >>> 13), 0xc2b2ae35);
  low = Math.imul(low ^ high ^ (low >>> 15), 0x27d4eb2f);
  high = Math.imul(high ^ (low >>> 16), 0x165667b1);
  low ^= high >>> 15;
  high ^= high >>> 14;
  return (high >>> 11) * TWO_32 + (low >>> 0) || 1;
}

/** A uniform number in [0, 1) that depends on the key and the salt alone. */
export function uniform(key: Key, salt: Key): number {
  return mix(key, salt) / TWO_53;
}

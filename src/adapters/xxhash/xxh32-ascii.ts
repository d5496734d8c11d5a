/** Texts up to this length are hashed here; longer ones are faster in WebAssembly. */
const LONGEST = 64;
const LONGEST_ASCII_CODE = 0x7f;

const PRIME_1 = 0x9e3779b1 | 0;
const PRIME_2 = 0x85ebca77 | 0;
const PRIME_3 = 0xc2b2ae3d | 0;
const PRIME_4 = 0x27d4eb2f | 0;
const PRIME_5 = 0x165667b1 | 0;

/**
 * XXH32 of a short ASCII text, unsigned; −1 for a text that is longer or has other characters. Half the time of the call
 * into WebAssembly, which copies the text first.
 * Source: Collet, xxHash fast digest algorithm, specification 0.1.1, section XXH32.
 * @param seed modulo 2³²
 */
export function xxh32OfAscii(text: string, seed: number): number {
  const { length } = text;
  if (length > LONGEST) return -1;
  let codes = 0;
  for (let i = 0; i < length; i++) codes |= text.charCodeAt(i);
  if (codes > LONGEST_ASCII_CODE) return -1;

  let hash = (seed + PRIME_5) | 0;
  let at = 0;
  if (length >= 16) {
    let a = (seed + PRIME_1 + PRIME_2) | 0;
    let b = (seed + PRIME_2) | 0;
    let c = seed | 0;
    let d = (seed - PRIME_1) | 0;
    for (; at <= length - 16; at += 16) {
      a = round(a, word(text, at));
      b = round(b, word(text, at + 4));
      c = round(c, word(text, at + 8));
      d = round(d, word(text, at + 12));
    }
    hash = (rotated(a, 1) + rotated(b, 7) + rotated(c, 12) + rotated(d, 18)) | 0;
  }
  hash = (hash + length) | 0;
  for (; at <= length - 4; at += 4)
    hash = Math.imul(rotated((hash + Math.imul(word(text, at), PRIME_3)) | 0, 17), PRIME_4);
  for (; at < length; at++)
    hash = Math.imul(rotated((hash + Math.imul(text.charCodeAt(at), PRIME_5)) | 0, 11), PRIME_1);
  hash = Math.imul(hash ^ (hash >>> 15), PRIME_2);
  hash = Math.imul(hash ^ (hash >>> 13), PRIME_3);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function round(lane: number, input: number): number {
  return Math.imul(rotated((lane + Math.imul(input, PRIME_2)) | 0, 13), PRIME_1);
}

/** Four characters, the first lowest. */
function word(text: string, at: number): number {
  return (
    text.charCodeAt(at) |
    (text.charCodeAt(at + 1) << 8) |
    (text.charCodeAt(at + 2) << 16) |
    (text.charCodeAt(at + 3) << 24)
  );
}

function rotated(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

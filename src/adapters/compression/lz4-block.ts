/** A match is at least this long. */
const MIN_MATCH = 4;
/** The last bytes of a block are literals, and its last match begins this long before the end. */
const LAST_LITERALS = 5;
const MATCH_LIMIT = 12;
/** A length of this in the token goes on in the bytes after it. */
const LONG = 15;
const MAX_DISTANCE = 65_535;
const HASH_BITS = 14;
const HASH_PRIME = 0x9e3779b1;

/** Bytes that a block unpacks to, from its tokens alone. Throws on a block that is cut short. */
export function unpackedSize(packed: Uint8Array): number {
  let size = 0;
  let at = 0;
  while (at < packed.length) {
    const token = packed[at++]!;
    let literals = token >> 4;
    if (literals === LONG) for (let more = 255; more === 255; literals += more) more = packed[at++] ?? 0;
    size += literals;
    at += literals;
    if (at >= packed.length) break;
    at += 2;
    let match = token & LONG;
    if (match === LONG) for (let more = 255; more === 255; match += more) more = packed[at++] ?? 0;
    size += match + MIN_MATCH;
    // A block ends with literals.
    if (at >= packed.length) throw new Error('lz4: a block is cut short');
  }
  if (at > packed.length) throw new Error('lz4: a block is cut short');
  return size;
}

/** Unpacks a block, whose size is known to fit, to a place in `into`; matches may reach back before that place. */
export function unpackBlock(packed: Uint8Array, into: Uint8Array, place: number): void {
  let to = place;
  let at = 0;
  for (;;) {
    const token = packed[at++]!;
    let literals = token >> 4;
    if (literals === LONG) for (let more = 255; more === 255; literals += more) more = packed[at++]!;
    const end = at + literals;
    while (at < end) into[to++] = packed[at++]!;
    if (at >= packed.length) return;
    const distance = packed[at]! | (packed[at + 1]! << 8);
    at += 2;
    let match = token & LONG;
    if (match === LONG) for (let more = 255; more === 255; match += more) more = packed[at++]!;
    if (distance === 0 || distance > to) throw new Error('lz4: a match reaches before the beginning');
    const matchEnd = to + match + MIN_MATCH;
    // Byte by byte, for a match may overlap what it makes.
    for (; to < matchEnd; to++) into[to] = into[to - distance]!;
  }
}

/** Packs up to 64 KB into one block that stands alone: the first match found by a hash of four bytes is taken. */
export function packBlock(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const seenAt = new Int32Array(1 << HASH_BITS).fill(-1);
  const packed = new Uint8Array(bytes.length + Math.ceil(bytes.length / 255) + 16);
  let to = 0;
  let literalsFrom = 0;
  const sequence = (literalsTo: number, distance: number, match: number): void => {
    const literals = literalsTo - literalsFrom;
    packed[to++] = (Math.min(literals, LONG) << 4) | Math.min(match, LONG);
    to = putLength(packed, to, literals);
    packed.set(bytes.subarray(literalsFrom, literalsTo), to);
    to += literals;
    if (distance === 0) return;
    packed[to++] = distance & 255;
    packed[to++] = distance >> 8;
    to = putLength(packed, to, match);
  };
  for (let at = 0; at + MATCH_LIMIT <= bytes.length;) {
    const four = view.getUint32(at, true);
    const hash = Math.imul(four, HASH_PRIME) >>> (32 - HASH_BITS);
    const before = seenAt[hash]!;
    seenAt[hash] = at;
    if (before < 0 || at - before > MAX_DISTANCE || view.getUint32(before, true) !== four) {
      at++;
      continue;
    }
    let length = MIN_MATCH;
    while (at + length < bytes.length - LAST_LITERALS && bytes[before + length] === bytes[at + length]) length++;
    sequence(at, at - before, length - MIN_MATCH);
    at += length;
    literalsFrom = at;
  }
  sequence(bytes.length, 0, 0);
  return packed.subarray(0, to);
}

/** The part of a length that its token does not hold. */
function putLength(packed: Uint8Array, to: number, length: number): number {
  if (length < LONG) return to;
  let rest = length - LONG;
  for (; rest >= 255; rest -= 255) packed[to++] = 255;
  packed[to++] = rest;
  return to;
}

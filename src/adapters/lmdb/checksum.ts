import { crc32 } from 'node:zlib';

/** Bytes of a checksum: CRC-32 (ISO 3309), big-endian. Finds every burst of up to 32 bits, and of others all but 2⁻³². */
export const CHECKSUM_BYTES = 4;

/** Number of the stored bytes that carry checksums; a store of an earlier release has none and is read as it is. */
export const CHECKED_FORMAT = '2';

/** Checksum of a value together with its key, so that a value which stands at another key is found too. */
export function checksumOf(key: Uint8Array, ...parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => crc32(part, sum), crc32(key));
}

/** A number (float64) with its checksum behind it. */
export function sealedNumber(key: Uint8Array, value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8 + CHECKSUM_BYTES);
  bytes.writeDoubleBE(value, 0);
  bytes.writeUInt32BE(checksumOf(key, bytes.subarray(0, 8)), 8);
  return bytes;
}

/** Reads what {@link sealedNumber} made; undefined when it is damaged. */
export function unsealedNumber(key: Uint8Array, bytes: Buffer, isChecked: boolean): number | undefined {
  if (isChecked && (bytes.length !== 12 || bytes.readUInt32BE(8) !== checksumOf(key, bytes.subarray(0, 8))))
    return undefined;
  return bytes.readDoubleBE(0);
}

/** Checksum of a text and its key, as it is stored beside it: the text itself stays readable by other tools. */
export function sealOf(key: string, text: string): Buffer {
  const bytes = Buffer.allocUnsafe(CHECKSUM_BYTES);
  bytes.writeUInt32BE(crc32(text, crc32(key)));
  return bytes;
}

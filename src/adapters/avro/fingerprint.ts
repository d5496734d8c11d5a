import avsc from 'avsc';
import { messageOf } from '../../errors.js';

const EMPTY = 0xc15d213aa4d7a795n;

/**
 * The CRC-64-AVRO fingerprint of the last schema's parsing canonical form, which documentation and defaults are no part of: 16
 * hexadecimal digits, lowest byte first as in the single-object encoding. Throws what avsc throws for no schema.
 * @param texts each of them may use the names of those before it
 * Source: Avro 1.12 specification, "Schema Fingerprints".
 */
export function fingerprintOf(...texts: readonly string[]): string {
  const canonical = JSON.stringify(typeOf(texts).schema());
  let crc = EMPTY;
  for (const byte of Buffer.from(canonical)) crc = (crc >> 8n) ^ TABLE[Number((crc ^ BigInt(byte)) & 0xffn)]!;
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(crc);
  return bytes.toString('hex');
}

/** Why records of one schema cannot be written as another: it would not read them; undefined: they can. */
export function whyNotWritable(ours: string, as: readonly string[]): string | undefined {
  try {
    typeOf(as).createResolver(typeOf([ours]));
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function typeOf(texts: readonly string[]): avsc.Type {
  const registry: Record<string, avsc.Type> = {};
  return texts.map((text) => avsc.Type.forSchema(JSON.parse(text) as avsc.Schema, { registry })).at(-1)!;
}

const TABLE = Array.from({ length: 256 }, (_, byte) => {
  let crc = BigInt(byte);
  for (let bit = 0; bit < 8; bit++) crc = (crc >> 1n) ^ (EMPTY & -(crc & 1n));
  return crc;
});

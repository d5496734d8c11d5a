import avsc from 'avsc';

const EMPTY = 0xc15d213aa4d7a795n;

/**
 * The CRC-64-AVRO fingerprint of a schema's parsing canonical form, which documentation and defaults are no part of: 16
 * hexadecimal digits, lowest byte first as in the single-object encoding.
 * Source: Avro 1.12 specification, "Schema Fingerprints".
 */
export function fingerprintOf(schema: string): string {
  const canonical = JSON.stringify(avsc.Type.forSchema(JSON.parse(schema) as avsc.Schema).schema());
  let crc = EMPTY;
  for (const byte of Buffer.from(canonical)) crc = (crc >> 8n) ^ TABLE[Number((crc ^ BigInt(byte)) & 0xffn)]!;
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(crc);
  return bytes.toString('hex');
}

const TABLE = Array.from({ length: 256 }, (_, byte) => {
  let crc = BigInt(byte);
  for (let bit = 0; bit < 8; bit++) crc = (crc >> 1n) ^ (EMPTY & -(crc & 1n));
  return crc;
});

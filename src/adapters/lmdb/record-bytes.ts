import type { Headers, LogRecord, NewRecord } from '../../ports/transport.js';
import { CHECKSUM_BYTES, checksumOf } from './checksum.js';

const HAS_KEY = 1;
const HAS_VALUE = 2;
const HAS_HEADERS = 4;
const HAS_CHECKSUM = 8;
/** Flags (1), timestamp (8). */
const HEAD_BYTES = 9;
const LENGTH_BYTES = 4;

/**
 * A record as one byte string: flags, timestamp (float64), checksum of everything else and of the place where it is stored,
 * then key and headers (JSON) behind their lengths (uint32), each only when there, then the value up to the end. Big-endian.
 * Without a place there is no checksum, as in stores of earlier releases.
 */
export function encodeRecord({ key, value, headers }: NewRecord, timestampMs: number, place?: Uint8Array): Buffer {
  const head = headers && Object.keys(headers).length > 0 ? Buffer.from(JSON.stringify(headers)) : null;
  const prefixes = [key, head].filter((part) => part !== null);
  const prefixBytes = prefixes.reduce((sum, part) => sum + LENGTH_BYTES + part.length, 0);
  const start = HEAD_BYTES + (place ? CHECKSUM_BYTES : 0);
  const bytes = Buffer.allocUnsafe(start + prefixBytes + (value?.length ?? 0));
  bytes[0] = (key ? HAS_KEY : 0) | (value ? HAS_VALUE : 0) | (head ? HAS_HEADERS : 0) | (place ? HAS_CHECKSUM : 0);
  bytes.writeDoubleBE(timestampMs, 1);
  let at = start;
  for (const part of prefixes) {
    at = bytes.writeUInt32BE(part.length, at);
    bytes.set(part, at);
    at += part.length;
  }
  if (value) bytes.set(value, at);
  if (place) bytes.writeUInt32BE(recordChecksum(bytes, place), HEAD_BYTES);
  return bytes;
}

/** True when a byte string is what {@link encodeRecord} made for this place. */
export function isWhole(bytes: Buffer, place: Uint8Array): boolean {
  return (
    bytes.length >= HEAD_BYTES + CHECKSUM_BYTES &&
    (bytes[0]! & HAS_CHECKSUM) !== 0 &&
    bytes.readUInt32BE(HEAD_BYTES) === recordChecksum(bytes, place)
  );
}

function recordChecksum(bytes: Buffer, place: Uint8Array): number {
  return checksumOf(place, bytes.subarray(0, HEAD_BYTES), bytes.subarray(HEAD_BYTES + CHECKSUM_BYTES));
}

/** The record of a byte string made by {@link encodeRecord}. Key and value are views of it. */
export function decodeRecord(bytes: Buffer, offset: number): LogRecord {
  const flags = bytes[0]!;
  let at = HEAD_BYTES + (flags & HAS_CHECKSUM ? CHECKSUM_BYTES : 0);
  let key: Buffer | null = null;
  if (flags & HAS_KEY) {
    const start = at + LENGTH_BYTES;
    at = start + bytes.readUInt32BE(at);
    key = bytes.subarray(start, at);
  }
  let headers: Headers = NO_HEADERS;
  if (flags & HAS_HEADERS) {
    const start = at + LENGTH_BYTES;
    at = start + bytes.readUInt32BE(at);
    headers = JSON.parse(bytes.toString('utf8', start, at)) as Headers;
  }
  const value = flags & HAS_VALUE ? bytes.subarray(at) : null;
  return { offset, key, value, timestampMs: timestampOf(bytes), headers };
}

/** When the record of a byte string was appended, epoch milliseconds. */
export function timestampOf(bytes: Buffer): number {
  return bytes.readDoubleBE(1);
}

const NO_HEADERS: Headers = Object.freeze({});

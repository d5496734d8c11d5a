import type { LogRecord } from './transport.js';

/** What a record takes in memory besides its bytes: objects, offsets, times. */
const RECORD_BYTES = 64;

/**
 * Bytes that a record counts for where records are gathered up to a bound: key, value and headers, and a flat sum, so that
 * messages without any bytes are bounded, too.
 */
export function recordSize({ key, value, headers }: Pick<LogRecord, 'key' | 'value' | 'headers'>): number {
  let bytes = RECORD_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
  for (const name in headers) bytes += name.length + headers[name]!.length;
  return bytes;
}

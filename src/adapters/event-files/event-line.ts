import { messageOf } from '../../errors.js';
import { utf8Text } from '../../events/utf8-text.js';

/** What sending needs to know of a line: its record, when it happened and the key that decides its partition. */
export interface EventLine {
  /** The parsed JSON object. */
  readonly record: Readonly<Record<string, unknown>>;
  /** `eventTimeMs` as sent, in whatever unit; NaN when it is not a number. */
  readonly eventTimeMs: number;
  /** sessionId, else userId, else requestId, as text; null when there is none of them. */
  readonly key: string | null;
}

/** Reads a line as an event, or says why it is none. Checks no field: what is wrong inside becomes a dead letter later. */
export function parseEventLine(bytes: Buffer): EventLine | { readonly why: string } {
  const text = utf8Text(bytes);
  if (text === undefined) return { why: 'not UTF-8' };
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch (thrown) {
    return { why: `not JSON: ${messageOf(thrown)}` };
  }
  if (record === null || typeof record !== 'object' || Array.isArray(record)) return { why: 'not a JSON object' };
  const fields = record as Record<string, unknown>;
  return { record: fields, eventTimeMs: timeOf(fields['eventTimeMs']), key: keyOf(fields) };
}

function keyOf(fields: Record<string, unknown>): string | null {
  for (const name of ['sessionId', 'userId', 'requestId']) {
    const value = fields[name];
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number') return String(value);
  }
  return null;
}

function timeOf(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value !== '' ? Number(value) : Number.NaN;
}

import { createHash } from 'node:crypto';
import type { DeadLetter, RefusedPart } from '../../events/words.js';
import type { Headers, LogRecord } from '../../ports/transport.js';

/** A dead letter as a record: the raw bytes are the value, so that it can be sent again as it is; the facts are headers. */
export interface DeadLetterRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array;
  readonly headers: Headers;
}

const PREFIX = 'sluice.';

/** Refusals that are listed; the rest is a number. */
const MOST_LISTED = 100;
/** Bytes of the list of refusals at the most, and characters of one reason. */
const LIST_BYTES = 16_384;
const REASON_CHARACTERS = 1_000;
/** Framing of a record and its batch, and of each header, at the most. */
const FRAME_BYTES = 256;
const HEADER_BYTES = 10;
/** The header that tells of a cut. */
const SHA_BYTES = 96;
/** A key may take this share of the limit; a longer one is left out. */
const KEY_SHARE = 0.25;

/**
 * Makes the record of a dead letter, of `maxBytes` at the most (key, value, headers and framing): refusals beyond what is
 * listed are counted, a key too long for it is left out and a payload too long for it is cut; of either, the payload's size
 * and SHA-256 tell.
 * @param maxBytes what the topic takes; Infinity: any size
 * @param written further headers
 */
export function deadLetterToRecord(letter: DeadLetter, maxBytes = Infinity, written: Headers = {}): DeadLetterRecord {
  const headers: Record<string, string> = { ...written };
  const put = (name: string, value: string | number): void => {
    headers[`${PREFIX}${name}`] = String(value);
  };
  put('code', letter.code);
  put('stage', letter.stage);
  put('reason', shortened(letter.reason));
  put('sourceTopic', letter.sourceTopic);
  put('sourcePartition', letter.sourcePartition);
  put('sourceOffset', letter.sourceOffset);
  put('sourceTimeMs', letter.sourceTimeMs);
  if (letter.itemIndex !== null) put('itemIndex', letter.itemIndex);
  put('refusedCount', letter.refusedCount);
  put('refused', listed(letter.refused, Math.min(LIST_BYTES, maxBytes / 4)));

  put('payloadBytes', letter.payloadBytes);
  const keyFits = (letter.key?.length ?? 0) <= maxBytes * KEY_SHARE;
  const key = keyFits ? letter.key : null;
  const room = maxBytes - FRAME_BYTES - (key?.length ?? 0) - bytesOf(headers);
  const isWhole = letter.payloadSha256 === null && keyFits && letter.payload.length <= room;
  if (isWhole) return { key, value: letter.payload, headers };
  put('payloadSha256', letter.payloadSha256 ?? createHash('sha256').update(letter.payload).digest('hex'));
  return { key, value: letter.payload.subarray(0, Math.max(0, Math.floor(room - SHA_BYTES))), headers };
}

/** Reads what {@link deadLetterToRecord} made; facts of a record that has none are empty. */
export function deadLetterFromRecord(record: Pick<LogRecord, 'key' | 'value' | 'headers' | 'timestampMs'>): DeadLetter {
  const fact = (name: string): string => record.headers[`${PREFIX}${name}`] ?? '';
  const itemIndex = fact('itemIndex');
  const code = fact('code');
  const reason = fact('reason');
  const first: RefusedPart = { code, reason, itemIndex: itemIndex === '' ? null : Number(itemIndex) };
  const refused = refusedOf(fact('refused'), first);
  return {
    ...first,
    stage: fact('stage'),
    sourceTopic: fact('sourceTopic'),
    sourcePartition: Number(fact('sourcePartition')),
    sourceOffset: Number(fact('sourceOffset')),
    refused,
    refusedCount: Number(fact('refusedCount') || refused.length),
    payload: record.value ?? new Uint8Array(0),
    payloadBytes: Number(fact('payloadBytes') || (record.value?.length ?? 0)),
    payloadSha256: fact('payloadSha256') || null,
    key: record.key,
    sourceTimeMs: Number(fact('sourceTimeMs') || record.timestampMs),
  };
}

/** The same letter with more refused of its message: there is one letter a message. */
export function withRefused(letter: DeadLetter, refused: readonly RefusedPart[]): DeadLetter {
  return {
    ...letter,
    refused: [...letter.refused, ...refused],
    refusedCount: letter.refusedCount + refused.length,
  };
}

/** The first refusals as JSON within a bound. */
function listed(refused: readonly RefusedPart[], maxBytes: number): string {
  const entries: string[] = [];
  let bytes = 2;
  for (const { itemIndex, code, reason } of refused.slice(0, MOST_LISTED)) {
    const entry = JSON.stringify({ itemIndex, code, reason: shortened(reason) });
    bytes += Buffer.byteLength(entry) + 1;
    if (bytes > maxBytes) break;
    entries.push(entry);
  }
  return `[${entries.join(',')}]`;
}

/** Somebody else may have written the topic: what is no list counts for the first refusal alone. */
function refusedOf(text: string, first: RefusedPart): readonly RefusedPart[] {
  try {
    const found: unknown = JSON.parse(text);
    if (Array.isArray(found) && found.length > 0) return found as RefusedPart[];
  } catch {
    // Not ours, or of a release that knew one refusal a letter.
  }
  return [first];
}

function shortened(reason: string): string {
  return reason.length > REASON_CHARACTERS ? `${reason.slice(0, REASON_CHARACTERS - 1)}…` : reason;
}

function bytesOf(headers: Headers): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(headers))
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value) + HEADER_BYTES;
  return bytes;
}

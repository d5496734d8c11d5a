import type { DeadLetter, ImpressionList, Interaction } from '../events/words.js';
import type { Codec } from '../ports/codec.js';
import type { Pseudonymiser } from '../ports/pseudonymiser.js';
import { INPUTS, type InputName, type LogRecord } from '../ports/transport.js';
import { rejectedMessage, type Admitted, type Rejected } from './admitted.js';
import { cleanInteraction, cleanList, type CleanSettings } from './clean/clean.js';
import type { CleanTexts } from './clean/clean-texts.js';
import { isRefusal, type Refusal } from './clean/verdict.js';
import { decode } from './decode/decode.js';
import type { Reorder } from './order/reorder.js';
import { pseudonymise } from './privacy/pseudonymise.js';
import type { Chunk } from './read/input-reader.js';

/** What admitting messages of one partition needs. */
export interface Gate {
  readonly partition: number;
  readonly topicNames: Readonly<Record<InputName, string>>;
  readonly impressions: Codec<ImpressionList>;
  readonly interactions: Codec<Interaction>;
  /** Turns what an existing topic holds into our records; null: not an event of this topic. Without it records are ours. */
  readonly mapping?: Readonly<Record<InputName, (value: unknown) => unknown>>;
  readonly keyed: Pseudonymiser;
  readonly clean: CleanSettings;
  /** Default: each text on its own, none left out. */
  readonly texts?: CleanTexts;
  readonly maxMessageBytes: number;
  /** True when a rule on conduct may divert interactions, so that their messages must stay at hand. Default false. */
  readonly keepsInteractions?: boolean;
}

/**
 * Takes one message through decode → clean → pseudonymise. Pure in the message: what it gives depends on nothing else, so
 * a re-read admits alike. Never throws for bad input: that becomes dead letters inside the result.
 */
export function admit(gate: Gate, input: InputName, record: LogRecord): Admitted {
  return input === 'impressions' ? admitList(gate, record) : admitInteraction(gate, record);
}

/** A chunk with what became of its messages: impressions first, each input in its log's order. */
export interface AdmittedChunk extends Chunk {
  readonly admitted: readonly Admitted[];
}

/** Admits every message of a chunk, fetching what the codecs need first. */
export async function admitChunk(gate: Gate, chunk: Chunk): Promise<AdmittedChunk> {
  for (const input of INPUTS) {
    if (chunk.records[input].length > 0) await gate[input].prepare(chunk.records[input].map(({ value }) => value));
  }
  return {
    ...chunk,
    admitted: INPUTS.flatMap((input) => chunk.records[input].map((record) => admit(gate, input, record))),
  };
}

/** Hands an admitted chunk to the reorder buffer. @returns the rejected messages, which wait for nothing */
export function enqueue(chunk: AdmittedChunk, reorder: Reorder): readonly Rejected[] {
  const rejected: Rejected[] = [];
  let at = 0;
  for (const input of INPUTS) {
    for (const record of chunk.records[input]) {
      const event = chunk.admitted[at++]!;
      if (event.kind === 'rejected') rejected.push(event);
      reorder.admit(event, record);
    }
  }
  return rejected;
}

function admitList(gate: Gate, record: LogRecord): Admitted {
  const decoded = decode(record, gate.impressions, gate.maxMessageBytes);
  if (isRefusal(decoded)) return rejected(gate, 'impressions', record, 'decode', decoded, 1);
  const raw = mapped(gate, 'impressions', decoded.value);
  if (raw === null) return excluded('impressions', record);
  const cleaned = cleanList(raw, record.timestampMs, gate.clean, gate.texts);
  if (isRefusal(cleaned)) {
    const items: unknown = raw.items;
    return rejected(
      gate,
      'impressions',
      record,
      'clean',
      cleaned,
      Array.isArray(items) && items.length > 0 ? items.length : 1,
    );
  }
  return {
    kind: 'list',
    input: 'impressions',
    offset: record.offset,
    timeMs: cleaned.list.eventTimeMs,
    bytes: record.value?.length ?? 0,
    list: pseudonymise(cleaned.list, gate.keyed),
    record,
    readCount: cleaned.list.items.length + cleaned.refusedItems.length,
    deadLetters: cleaned.refusedItems.map(({ index, refusal }) =>
      deadLetter(gate, 'impressions', record, 'clean', refusal, index),
    ),
  };
}

function admitInteraction(gate: Gate, record: LogRecord): Admitted {
  const decoded = decode(record, gate.interactions, gate.maxMessageBytes);
  if (isRefusal(decoded)) return rejected(gate, 'interactions', record, 'decode', decoded, 1);
  const raw = mapped(gate, 'interactions', decoded.value);
  if (raw === null) return excluded('interactions', record);
  const cleaned = cleanInteraction(raw, record.timestampMs, gate.clean);
  if (isRefusal(cleaned)) return rejected(gate, 'interactions', record, 'clean', cleaned, 1);
  return {
    kind: 'interaction',
    input: 'interactions',
    offset: record.offset,
    timeMs: cleaned.eventTimeMs,
    bytes: record.value?.length ?? 0,
    interaction: pseudonymise(cleaned, gate.keyed),
    ...(gate.keepsInteractions === true ? { record } : {}),
  };
}

function mapped<T>(gate: Gate, input: InputName, value: T): T | null {
  return gate.mapping ? (gate.mapping[input](value) as T | null) : value;
}

/** A message that the mapping says is no event of this topic: passed over, and no fault. */
function excluded(input: InputName, record: LogRecord): Admitted {
  return rejectedMessage(placeOf(input, record), 0);
}

function rejected(
  gate: Gate,
  input: InputName,
  record: LogRecord,
  stage: string,
  refusal: Refusal,
  readCount: number,
): Admitted {
  return rejectedMessage(placeOf(input, record), readCount, [deadLetter(gate, input, record, stage, refusal, null)]);
}

function placeOf(input: InputName, { offset, value }: LogRecord): Pick<Rejected, 'input' | 'offset' | 'bytes'> {
  return { input, offset, bytes: value?.length ?? 0 };
}

function deadLetter(
  gate: Gate,
  input: InputName,
  record: LogRecord,
  stage: string,
  refusal: Refusal,
  itemIndex: number | null,
): DeadLetter {
  return {
    code: refusal.code,
    stage,
    reason: refusal.reason,
    sourceTopic: gate.topicNames[input],
    sourcePartition: gate.partition,
    sourceOffset: record.offset,
    itemIndex,
    payload: record.value ?? new Uint8Array(0),
    key: record.key,
    sourceTimeMs: record.timestampMs,
  };
}

/** Makes dead letters of interactions that a rule on conduct diverts. */
export function diverted(gate: Gate): (record: LogRecord, refusal: Refusal) => DeadLetter {
  return (record, refusal) => deadLetter(gate, 'interactions', record, 'quality', refusal, null);
}

/** Makes dead letters of impression lists whose impressions have the identity of others. */
export function collided(gate: Gate): (record: LogRecord, reason: string) => DeadLetter {
  return (record, reason) =>
    deadLetter(gate, 'impressions', record, 'join', { code: 'impressions-collide', reason }, null);
}

/** Makes dead letters of impression lists that came after their window may have lost clicks. */
export function tooLate(gate: Gate): (record: LogRecord, reason: string) => DeadLetter {
  return (record, reason) =>
    deadLetter(gate, 'impressions', record, 'order', { code: 'late-impression', reason }, null);
}

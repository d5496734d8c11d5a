import { messageOf, SluiceError } from '../errors.js';
import { partitionOfText } from '../events/partition.js';
import type { DeadLetter, ImpressionList, Interaction, RefusedPart } from '../events/words.js';
import type { Codec } from '../ports/codec.js';
import type { InputName, LogRecord } from '../ports/transport.js';
import { asBefore, type UnknownBefore } from './admitted-before.js';
import { rejectedMessage, type Admitted, type CleanInteraction, type Rejected } from './admitted.js';
import type { Refuted } from './order/reorder.js';
import { cleanInteraction, cleanList, type CleanSettings } from './clean/clean.js';
import type { CleanTexts } from './clean/clean-texts.js';
import type { OwnFields } from './clean/own-fields.js';
import type { OwnRules } from './clean/own-rules.js';
import { isRefusal, refuse, type Refusal } from './clean/verdict.js';
import { decode } from './decode/decode.js';
import { pseudonymiseInteraction, pseudonymiseList, type Privacy } from './privacy/pseudonymise.js';

/** What admitting messages of one partition needs. */
export interface Gate {
  readonly partition: number;
  /** Partitions of each input; default 1. */
  readonly partitionCount?: number;
  readonly topicNames: Readonly<Record<InputName, string>>;
  readonly impressions: Codec<ImpressionList>;
  readonly interactions: Codec<Interaction>;
  /** Turns what an existing topic holds into our records, none or several a message. Without it records are ours. */
  readonly mapping?: Readonly<Record<InputName, (value: unknown) => readonly unknown[]>>;
  readonly privacy: Privacy;
  readonly clean: CleanSettings;
  /** Default: each text on its own, none left out. */
  readonly texts?: CleanTexts;
  /** Reads what a team has declared of its own; absent: nothing. */
  readonly own?: OwnFields;
  /** Reads the attributes of its user that an interaction brings; absent: none are declared. */
  readonly attributes?: (interaction: object, eventTimeMs: number) => Pick<CleanInteraction, 'attributes'>;
  /** Rules of plugins; absent: none. */
  readonly rules?: Pick<OwnRules, 'judgeList' | 'judgeInteraction'>;
  /** Does the cleaning of a unit of work, within its time where code of a plugin takes part. Absent: just does it. */
  readonly within?: <T>(work: () => T) => T;
  readonly maxMessageBytes: number;
  /** True when a rule on conduct may divert interactions, so that their messages must stay at hand. Default false. */
  readonly keepsInteractions?: boolean;
}

/** A message that could be read, or an event of it, in the shape that its producer gave it. */
export type Decoded =
  | {
      readonly kind: 'decoded';
      readonly input: 'impressions';
      readonly record: LogRecord;
      readonly part?: number;
      readonly value: ImpressionList;
    }
  | {
      readonly kind: 'decoded';
      readonly input: 'interactions';
      readonly record: LogRecord;
      readonly part?: number;
      readonly value: Interaction;
    };

/**
 * Takes one message through decode → clean → pseudonymise. Pure in the message: what it gives depends on nothing else, so
 * a re-read admits alike. Whatever the message makes a stage throw is its dead letter.
 * @throws SluiceError what is no fault of the message: an unreachable registry, a setting
 */
export function admit(gate: Gate, input: InputName, record: LogRecord): readonly Admitted[] {
  return decodeMessage(gate, input, record).map((decoded) => pseudonymiseMessage(gate, cleanMessage(gate, decoded)));
}

/**
 * Reads the bytes of a message: one event, or as many as a mapping makes of it; a message that is none is rejected without
 * a letter.
 * @param unknown on a re-read, the messages whose schema was not known at first: they are rejected again, known now or not
 */
export function decodeMessage(
  gate: Gate,
  input: InputName,
  record: LogRecord,
  unknown?: UnknownBefore,
): readonly (Decoded | Rejected)[] {
  const decoded: readonly (Decoded | Rejected)[] =
    input === 'impressions'
      ? read(gate, input, gate.impressions, record)
      : read(gate, input, gate.interactions, record);
  if (!unknown) return decoded;
  const [first] = decoded;
  const before = asBefore(first!, record, unknown);
  return before === first ? decoded : [before];
}

/** Checks and normalises a decoded message. */
export function cleanMessage(gate: Gate, decoded: Decoded | Rejected): Admitted {
  if (decoded.kind === 'rejected') return decoded;
  const admitted = guarded(gate, decoded.input, decoded.record, 'clean', () =>
    decoded.input === 'impressions'
      ? admitList(gate, decoded.record, decoded.value)
      : admitInteraction(gate, decoded.record, decoded.value),
  );
  // The message counts once among the bytes that are held.
  return decoded.part === undefined ? admitted : { ...admitted, part: decoded.part, bytes: 0 };
}

/** Replaces the people of a cleaned message by their pseudonyms, and hides ids that hold one. */
export function pseudonymiseMessage({ privacy }: Gate, message: Admitted): Admitted {
  switch (message.kind) {
    case 'list':
      return { ...message, list: pseudonymiseList(message.list, privacy) };
    case 'interaction':
      return { ...message, interaction: pseudonymiseInteraction(message.interaction, privacy) };
    case 'rejected':
      return message;
  }
}

interface DecodedAs<In extends InputName, T> {
  readonly kind: 'decoded';
  readonly input: In;
  readonly record: LogRecord;
  readonly part?: number;
  readonly value: T;
}

function read<In extends InputName, T>(
  gate: Gate,
  input: In,
  codec: Codec<T>,
  record: LogRecord,
): readonly (DecodedAs<In, T> | Rejected)[] {
  const decoded = decode(record, codec, gate.maxMessageBytes);
  if (isRefusal(decoded)) {
    // Where both inputs are one topic, it is read twice: one letter is enough.
    if (isOneTopic(gate) && input === 'interactions') return [excluded(input, record, decoded.code)];
    return [rejected(gate, input, record, 'decode', decoded, 1)];
  }
  const { mapping } = gate;
  if (!mapping) return [{ kind: 'decoded', input, record, value: decoded.value }];
  const values = guarded(gate, input, record, 'map', () => mapping[input](decoded.value) as readonly T[]);
  if ('kind' in values) return [values];
  if (values.length === 0) return [excluded(input, record)];
  return values.map((value, part) => ({ kind: 'decoded', input, record, ...(part > 0 ? { part } : {}), value }));
}

function isOneTopic({ topicNames }: Gate): boolean {
  return topicNames.impressions === topicNames.interactions;
}

function admitList(gate: Gate, record: LogRecord, raw: ImpressionList): Admitted {
  const found = cleanList(raw, record.timestampMs, gate.clean, gate.texts, gate.own, record.headers);
  const cleaned = isRefusal(found) || !gate.rules ? found : gate.rules.judgeList(found, raw);
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
    isMisplaced: isMisplaced(gate, cleaned.list.session),
    list: cleaned.list,
    record,
    readCount: cleaned.list.items.length + cleaned.refusedItems.length,
    refusedCount: cleaned.refusedItems.length,
    deadLetters: partlyRefused(gate, record, cleaned.refusedItems),
  };
}

function admitInteraction(gate: Gate, record: LogRecord, raw: Interaction): Admitted {
  const cleaned = cleanInteraction(raw, record.timestampMs, gate.clean);
  if (isRefusal(cleaned)) return rejected(gate, 'interactions', record, 'clean', cleaned, 1);
  const refusal = gate.rules?.judgeInteraction(raw);
  if (refusal) return rejected(gate, 'interactions', record, 'clean', refusal, 1);
  return {
    kind: 'interaction',
    input: 'interactions',
    offset: record.offset,
    timeMs: cleaned.eventTimeMs,
    bytes: record.value?.length ?? 0,
    isMisplaced: isMisplaced(gate, cleaned.session),
    interaction: gate.attributes ? { ...cleaned, ...gate.attributes(raw, cleaned.eventTimeMs) } : cleaned,
    ...(gate.keepsInteractions === true ? { record } : {}),
  };
}

/** @param session as its producer gave it, not yet a pseudonym */
function isMisplaced({ partition, partitionCount = 1 }: Gate, session: string): boolean {
  return partitionCount > 1 && partitionOfText(session, partitionCount) !== partition;
}

/** A message that the mapping says is no event of this input: passed over, and no fault. */
function excluded(input: InputName, record: LogRecord, code?: string): Rejected {
  const message = rejectedMessage(placeOf(input, record), 0);
  return code === 'schema-unknown' ? { ...message, isUnknownElsewhere: true } : message;
}

function rejected(
  gate: Gate,
  input: InputName,
  record: LogRecord,
  stage: string,
  refusal: Refusal,
  readCount: number,
): Rejected {
  return rejectedMessage(placeOf(input, record), readCount, [deadLetter(gate, input, record, stage, [whole(refusal)])]);
}

/** What a stage makes of a message, or its rejection when the message makes the stage throw. */
function guarded<T>(gate: Gate, input: InputName, record: LogRecord, stage: string, work: () => T): T | Rejected {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof SluiceError && thrown.class !== 'data' && thrown.class !== 'bug') throw thrown;
    const refusal: Refusal =
      thrown instanceof SluiceError && thrown.class === 'data'
        ? { code: thrown.code, reason: thrown.message }
        : refuse('unprocessable', { stage, why: messageOf(thrown) });
    return rejected(gate, input, record, stage, refusal, 1);
  }
}

/** The letter of a list some of whose items were refused; none when all are sound. */
function partlyRefused(
  gate: Gate,
  record: LogRecord,
  items: readonly { readonly index: number; readonly refusal: Refusal }[],
): readonly DeadLetter[] {
  if (items.length === 0) return [];
  const refused = items.map(({ index, refusal }): RefusedPart => ({ ...refusal, itemIndex: index }));
  return [deadLetter(gate, 'impressions', record, 'clean', refused)];
}

function whole(refusal: Refusal): RefusedPart {
  return { ...refusal, itemIndex: null };
}

function placeOf(input: InputName, { offset, value }: LogRecord): Pick<Rejected, 'input' | 'offset' | 'bytes'> {
  return { input, offset, bytes: value?.length ?? 0 };
}

/** @param refused what was refused of the message, at least one */
function deadLetter(
  gate: Gate,
  input: InputName,
  record: LogRecord,
  stage: string,
  refused: readonly RefusedPart[],
): DeadLetter {
  return {
    ...refused[0]!,
    stage,
    sourceTopic: gate.topicNames[input],
    sourcePartition: gate.partition,
    sourceOffset: record.offset,
    refused,
    refusedCount: refused.length,
    payload: record.value ?? new Uint8Array(0),
    payloadBytes: record.unreadable?.packedBytes ?? record.value?.length ?? 0,
    payloadSha256: record.unreadable?.packedSha256 ?? null,
    key: record.key,
    sourceTimeMs: record.timestampMs,
  };
}

/** Makes dead letters of interactions that a rule on conduct diverts. */
export function diverted(gate: Gate): (record: LogRecord, refusal: Refusal) => DeadLetter {
  return (record, refusal) => deadLetter(gate, 'interactions', record, 'quality', [whole(refusal)]);
}

/** Makes dead letters of impression lists whose impressions have the identity of others. */
export function collided(gate: Gate): (record: LogRecord, reason: string) => DeadLetter {
  return (record, reason) =>
    deadLetter(gate, 'impressions', record, 'join', [whole({ code: 'impressions-collide', reason })]);
}

/** Makes dead letters of messages whose time what came behind them was against: one letter a message. */
export function refuted(gate: Gate): (refuted: Refuted) => Rejected {
  return ({ event, record, newestMs, againstCount }) => {
    const { input, timeMs: eventTimeMs } = event;
    const ahead = `far ahead of its topic: the newest before it is of ${newestMs}, and ${againstCount} messages behind it had not reached it`;
    const before = event.kind === 'list' ? event.deadLetters.flatMap(({ refused }) => refused) : [];
    const parts = [whole(refuse('time-in-future', { eventTimeMs, ahead })), ...before];
    const letters = [deadLetter(gate, input, record, 'order', parts)];
    return rejectedMessage(placeOf(input, record), event.kind === 'list' ? event.readCount : 1, letters);
  };
}

/** Makes dead letters of impression lists that came after their window may have lost clicks. */
export function tooLate(gate: Gate): (record: LogRecord, reason: string) => DeadLetter {
  return (record, reason) =>
    deadLetter(gate, 'impressions', record, 'order', [whole({ code: 'late-impression', reason })]);
}

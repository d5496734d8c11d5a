import type { Carried, DeadLetter, InteractionType, SamplingRates, Surface } from '../events/words.js';
import type { InputName, LogRecord } from '../ports/transport.js';
import type { TableKeys } from './clean/table-places.js';
import type { Declared, UserAttribute } from './declared.js';
import type { Names } from './join/names.js';

/** An item that passed cleaning. Text is NFC and trimmed, the price in the configured currency; null = absent. */
export interface CleanItem {
  readonly itemId: string;
  readonly position: number;
  readonly impressionId: string | null;
  /** The impression id as it goes out; absent: as it is. */
  readonly publicId?: string;
  /** Title, and description behind it, as the encoder gets it; '' when there is none. */
  readonly text: string;
  readonly category: string | null;
  readonly price: number | null;
  readonly propensity: number | null;
  readonly attributes: Readonly<Record<string, string>> | null;
  /** Chances with which the log kept such impressions; absent: 1, both. */
  readonly samplingRates?: SamplingRates;
  /** Values of declared features; absent: none is declared. */
  readonly declared?: Declared;
  /** Fields that its sample carries; absent: none. */
  readonly carried?: Carried;
  /** What names its rows of the tables, looked up at its turn; absent: there is no table. */
  readonly tableKeys?: TableKeys;
}

/** An impression list that passed cleaning, people already pseudonymous. */
export interface CleanList {
  readonly requestId: string;
  readonly eventTimeMs: number;
  readonly surface: Surface;
  readonly session: string;
  readonly user: string | null;
  readonly query: string;
  readonly context: Readonly<Record<string, string>>;
  readonly items: readonly CleanItem[];
  /** The request id as it goes out; absent: as it is. */
  readonly publicId?: string;
  /** True when the request id, or an impression id, has the session or user id in it. */
  readonly namesPerson?: true;
  /** Optional values left out because they are not of their field's type; absent: none. */
  readonly ignoredCount?: number;
}

/** An interaction that passed cleaning, people already pseudonymous. */
export interface CleanInteraction {
  readonly interactionId: string;
  readonly eventTimeMs: number;
  readonly type: InteractionType;
  readonly session: string;
  readonly user: string | null;
  readonly itemId: string;
  readonly requestId: string | null;
  readonly impressionId: string | null;
  /** What it names, in place of request and impression id once it waits for its impression. */
  readonly names?: Names;
  /** Its own id as it goes out; absent: as it is. */
  readonly publicId?: string;
  /** True when its own id has the session or user id in it. */
  readonly namesPerson?: true;
  /** True when its session and user are pseudonyms of a key that was replaced since; absent: of the key of now. */
  readonly isOfAnotherKey?: true;
  readonly value: number;
  /** How long it lasted; null when not told. */
  readonly dwellMs: number | null;
  /** Bits of the rules on conduct that caught it at its turn; absent: none. */
  readonly flags?: number;
  /** Attributes of its user that it brings; absent: none. */
  readonly attributes?: readonly UserAttribute[];
  /** As of a list. */
  readonly ignoredCount?: number;
}

/** What became of one input message: something to process at its turn, or nothing but dead letters (`rejected`). */
export type Admitted = Timed | Rejected;

/** A message with a time, which waits for its turn. */
export type Timed = AdmittedList | AdmittedInteraction;

interface FromSession extends FromLog {
  /** True when it lies elsewhere than Kafka's default partitioner puts its session id; absent: false. */
  readonly isMisplaced?: boolean;
}

interface FromLog {
  readonly input: InputName;
  readonly offset: number;
  /** Place among the events of its message, where a mapping makes several of one; absent: 0. */
  readonly part?: number;
  /** Event time; −Infinity for a rejected message, which waits for nothing. */
  readonly timeMs: number;
  /** Size of the message, for bounds. */
  readonly bytes: number;
}

export interface AdmittedList extends FromSession {
  readonly kind: 'list';
  readonly list: CleanList;
  /** The message itself: it may become a dead letter at its turn. */
  readonly record?: LogRecord;
  /** Impressions in the message, dead-lettered ones included. */
  readonly readCount: number;
  /** Impressions in the message that were refused. */
  readonly refusedCount: number;
  /** One letter for all that were refused; none when none was. */
  readonly deadLetters: readonly DeadLetter[];
}

export interface AdmittedInteraction extends FromSession {
  readonly kind: 'interaction';
  readonly interaction: CleanInteraction;
  /** The message itself, kept only where a rule may divert it: it may become a dead letter. */
  readonly record?: LogRecord;
}

export interface Rejected extends FromLog {
  readonly kind: 'rejected';
  /** How many impressions (or interactions) the message held; 1 when that cannot be told. */
  readonly readCount: number;
  /** At most one. */
  readonly deadLetters: readonly DeadLetter[];
  /** True for a message whose schema is not known and whose letter the other input writes, both being one topic. */
  readonly isUnknownElsewhere?: true;
}

/** A message that waits for nothing and changes no state but the counts. */
export function rejectedMessage(
  { input, offset, bytes }: Pick<FromLog, 'input' | 'offset' | 'bytes'>,
  readCount: number,
  deadLetters: readonly DeadLetter[] = [],
): Rejected {
  return { kind: 'rejected', input, offset, bytes, timeMs: -Infinity, readCount, deadLetters };
}

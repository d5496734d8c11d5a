import type { Rejected } from './admitted.js';
import type { Chunk } from './read/input-reader.js';
import type { DeadLetter } from '../events/words.js';
import type { LogRecord } from '../ports/transport.js';
import type { Flow } from './stage-watch.js';

/** The events of a chunk on their way, mostly one a message: impressions first, in their log's order; rejected ones keep their place. */
export interface Messages<T extends { readonly kind: string }> {
  readonly messages: readonly (T | Rejected)[];
  /** The record that each was in. */
  readonly records: readonly LogRecord[];
  readonly caughtUp: Chunk['caughtUp'];
}

/** Takes every message that was not rejected a step further. */
export function each<T extends { readonly kind: string }, Next extends { readonly kind: string }>(
  { messages, ...chunk }: Messages<T>,
  step: (message: T | Rejected) => Next | Rejected,
): Messages<Next> {
  return { ...chunk, messages: messages.map(step) };
}

/** The letters of events that were one message as one letter: each holds the whole message. */
export function oneLetterEach<T extends { readonly kind: string }>({ messages, ...chunk }: Messages<T>): Messages<T> {
  if (!messages.some((message) => 'part' in message)) return { messages, ...chunk };
  const merged: (T | Rejected)[] = [];
  let first: { readonly at: number; readonly rejected: Rejected } | undefined;
  for (const message of messages) {
    const isLetter = isRejected(message) && message.deadLetters.length > 0;
    const of = first?.rejected;
    const isSame = isLetter && of !== undefined && of.input === message.input && of.offset === message.offset;
    if (first && of && isSame) {
      first = { ...first, rejected: { ...of, deadLetters: [together(of.deadLetters[0]!, message.deadLetters[0]!)] } };
      merged[first.at] = first.rejected;
      merged.push({ ...message, deadLetters: [] });
      continue;
    }
    if (isLetter) first = { at: merged.length, rejected: message };
    merged.push(message);
  }
  return { messages: merged, ...chunk };
}

function together(letter: DeadLetter, other: DeadLetter): DeadLetter {
  const refused = [...letter.refused, ...other.refused];
  return { ...letter, refused, refusedCount: letter.refusedCount + other.refusedCount };
}

/** How many of some messages were not rejected so far, and how many became dead letters. */
interface Standing {
  readonly sound: number;
  readonly refused: number;
}

/** How some messages stand. What the mapping leaves out is neither sound nor refused. */
export function standingOf({ messages }: Messages<{ readonly kind: string }>): Standing {
  let sound = 0;
  let refused = 0;
  for (const message of messages) {
    if (!isRejected(message)) sound++;
    else if (message.deadLetters.length > 0) refused++;
  }
  return { sound, refused };
}

/** The flow of a stage that takes messages one by one. */
export function passedOn(before: Standing, output: Messages<{ readonly kind: string }>): Flow {
  const after = standingOf(output);
  return { in: before.sound, out: after.sound, refused: after.refused - before.refused };
}

function isRejected(message: { readonly kind: string }): message is Rejected {
  return message.kind === 'rejected';
}

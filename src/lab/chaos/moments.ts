import type { Random } from '../../ports/random.js';

/** Request kinds of Kafka's protocol, by their key. */
const PRODUCE = 0;
const FETCH = 1;
const INIT_PRODUCER_ID = 22;
const END_TRANSACTION = 26;
const COMMIT_OFFSETS_IN_TRANSACTION = 28;

/** A moment in the life of a processor on Kafka at which it can be killed. */
export interface Moment {
  readonly name: string;
  /** True when it comes only after a start, so that a new process is started to be hit. */
  readonly isEarly: boolean;
  /** Told by the request that passes, by a line of its log, or by the time since its start alone. */
  readonly sign:
    | { readonly kind: 'request'; readonly matches: (frame: Buffer) => boolean; readonly isAnswered: boolean }
    | { readonly kind: 'log'; readonly text: string; readonly withinMs: number }
    | { readonly kind: 'time'; readonly withinMs: number };
}

/** Frame layout: length int32, request kind int16, version int16, … topic names as plain text. */
function isRequest(key: number, topic?: string): (frame: Buffer) => boolean {
  return (frame) => frame.readInt16BE(4) === key && (topic === undefined || frame.includes(topic));
}

const request = (matches: (frame: Buffer) => boolean, isAnswered = false) =>
  ({ kind: 'request', matches, isAnswered }) as const;

/** Every moment there is, by the prefix of the application's topics. */
export function moments(prefix: string): readonly Moment[] {
  const [impressions, training, checkpoints] = ['impressions', 'training', 'checkpoints'].map((name) => prefix + name);
  return [
    { name: 'any', isEarly: false, sign: { kind: 'time', withinMs: 2_000 } },
    { name: 'fetch', isEarly: false, sign: request(isRequest(FETCH, impressions)) },
    { name: 'write', isEarly: false, sign: request(isRequest(PRODUCE, training)) },
    { name: 'offsets', isEarly: false, sign: request(isRequest(COMMIT_OFFSETS_IN_TRANSACTION), true) },
    { name: 'commit, asked', isEarly: false, sign: request(isRequest(END_TRANSACTION)) },
    { name: 'commit, answered', isEarly: false, sign: request(isRequest(END_TRANSACTION), true) },
    { name: 'checkpoint', isEarly: false, sign: request(isRequest(PRODUCE, checkpoints), true) },
    { name: 'fit', isEarly: false, sign: { kind: 'log', text: '"fitting"', withinMs: 500 } },
    { name: 'start', isEarly: true, sign: { kind: 'time', withinMs: 1_500 } },
    { name: 'fence', isEarly: true, sign: request(isRequest(INIT_PRODUCER_ID), true) },
    { name: 'restore', isEarly: true, sign: request(isRequest(FETCH, checkpoints), true) },
  ];
}

/** Draws a moment for each of so many kills: all of them in turn, each round in an order of its own. */
export function drawMoments(all: readonly Moment[], count: number, random: Random): Moment[] {
  const drawn: Moment[] = [];
  while (drawn.length < count) drawn.push(...shuffled(all, random));
  return drawn.slice(0, count);
}

/** The same elements in a random order (Fisher and Yates). */
export function shuffled<T>(elements: readonly T[], random: Random): T[] {
  const left = [...elements];
  const out: T[] = [];
  while (left.length > 0) out.push(...left.splice(Math.floor(random() * left.length), 1));
  return out;
}

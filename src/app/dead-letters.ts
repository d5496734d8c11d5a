import { topicName } from '../config/topics.js';
import type { Config } from '../config/schema.js';
import { SluiceError } from '../errors.js';
import type { DeadLetter } from '../events/words.js';
import { deadLetterFromRecord } from '../pipeline/route/dead-letter-record.js';
import { INPUTS, type NewRecord, type Transport } from '../ports/transport.js';
import { readTopic } from './read-topic.js';

/** A dead letter and where it stands on its topic, `partition:offset`. */
export interface FoundDeadLetter {
  readonly id: string;
  readonly letter: DeadLetter;
}

/** Which dead letters; what is absent does not narrow. */
export interface DeadLetterFilter {
  readonly code?: string | undefined;
  readonly stage?: string | undefined;
  readonly id?: readonly string[] | undefined;
}

/** Every dead letter that the filter lets pass, in the order read. */
export async function readDeadLetters(
  transport: Pick<Transport, 'reader'>,
  filter: DeadLetterFilter = {},
): Promise<readonly FoundDeadLetter[]> {
  const found: FoundDeadLetter[] = [];
  for await (const record of readTopic(transport, 'dead-letters')) {
    if (record.value === null) continue;
    const letter = deadLetterFromRecord(record);
    const id = `${record.partition}:${record.offset}`;
    if (filter.code !== undefined && letter.code !== filter.code) continue;
    if (filter.stage !== undefined && letter.stage !== filter.stage) continue;
    if (filter.id !== undefined && !filter.id.includes(id)) continue;
    found.push({ id, letter });
  }
  return found;
}

/** The dead letter of an id. Throws `dead-letter-unknown`. */
export async function oneDeadLetter(transport: Pick<Transport, 'reader'>, id: string): Promise<FoundDeadLetter> {
  const [found] = await readDeadLetters(transport, { id: [id] });
  if (found === undefined) throw new SluiceError('dead-letter-unknown', { id });
  return found;
}

/** A dead letter as JSON can hold it: bytes as text where they are UTF-8, else as base64. */
export function deadLetterJson({ id, letter }: FoundDeadLetter): Record<string, unknown> {
  const { payload, key, ...rest } = letter;
  return { id, ...rest, key: key === null ? null : readable(key), ...payloadField(payload) };
}

/**
 * Appends the payloads to the topics they came from, under their keys. A list with several refused items goes out once.
 * Returns how many messages that were.
 */
export async function requeueDeadLetters(
  transport: Pick<Transport, 'reader' | 'append'>,
  topics: Config['topics'],
  filter: DeadLetterFilter,
): Promise<number> {
  const messages = new Map<string, NewRecord>();
  for (const { letter } of await readDeadLetters(transport, filter)) {
    const topic = INPUTS.find((input) => topicName(topics, input) === letter.sourceTopic);
    if (topic === undefined) throw new SluiceError('topic-missing', { topic: letter.sourceTopic });
    const source = `${topic} ${letter.sourcePartition} ${letter.sourceOffset}`;
    messages.set(source, { topic, key: letter.key, value: letter.payload, partition: letter.sourcePartition });
  }
  if (messages.size > 0) await transport.append([...messages.values()]);
  return messages.size;
}

/** Both fields always, one of them null, so that rows have the same columns. */
function payloadField(payload: Uint8Array): Record<'payload' | 'payloadBase64', string | null> {
  const text = asText(payload);
  return { payload: text ?? null, payloadBase64: text === undefined ? Buffer.from(payload).toString('base64') : null };
}

function readable(bytes: Uint8Array): string {
  return asText(bytes) ?? Buffer.from(bytes).toString('base64');
}

function asText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

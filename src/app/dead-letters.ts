import { createHash } from 'node:crypto';
import { topicName } from '../config/topics.js';
import type { Config } from '../config/schema.js';
import { SluiceError } from '../errors.js';
import type { DeadLetter } from '../events/words.js';
import { deadLetterFromRecord } from '../pipeline/route/dead-letter-record.js';
import { INPUTS, type InputName, type NewRecord, type Transport } from '../ports/transport.js';
import { readTopic } from './read-topic.js';

/** Longest wait for the source of a letter in one poll. */
const SOURCE_WAIT_MS = 1_000;

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
 * Appends the payloads to the topics they came from, under their keys; a message with several letters goes out once. What a
 * letter holds only the beginning of is read where it came from. All or nothing: no message is sent when one cannot be.
 * @returns how many messages that were
 * @throws SluiceError `dead-letter-cut` when a letter is not whole and its source is gone, `topic-missing`
 */
export async function requeueDeadLetters(
  transport: Pick<Transport, 'reader' | 'append'>,
  topics: Config['topics'],
  filter: DeadLetterFilter,
): Promise<number> {
  const messages = new Map<string, NewRecord>();
  for (const { id, letter } of await readDeadLetters(transport, filter)) {
    const topic = INPUTS.find((input) => topicName(topics, input) === letter.sourceTopic);
    if (topic === undefined) throw new SluiceError('topic-missing', { topic: letter.sourceTopic });
    const source = `${topic} ${letter.sourcePartition} ${letter.sourceOffset}`;
    if (messages.has(source)) continue;
    const whole = letter.payloadSha256 === null ? { key: letter.key, value: letter.payload } : undefined;
    const message = whole ?? (await sourceOf(transport, topic, id, letter));
    messages.set(source, { topic, ...message, partition: letter.sourcePartition });
  }
  if (messages.size > 0) await transport.append([...messages.values()]);
  return messages.size;
}

/** The message of a letter that is not whole, from the place it came from. */
async function sourceOf(
  transport: Pick<Transport, 'reader'>,
  topic: InputName,
  id: string,
  letter: DeadLetter,
): Promise<Pick<NewRecord, 'key' | 'value'>> {
  const { sourceTopic, sourcePartition, sourceOffset } = letter;
  const reader = await transport.reader([topic], sourceOffset, sourcePartition);
  try {
    while (!(await reader.caughtUp())) {
      const [first] = await reader.poll(SOURCE_WAIT_MS);
      if (first === undefined) continue;
      const isSame = first.offset === sourceOffset && sha256(first.value) === letter.payloadSha256;
      if (isSame) return { key: first.key, value: first.value };
      break;
    }
  } catch (thrown) {
    if (!(thrown instanceof SluiceError && thrown.code === 'input-lost')) throw thrown;
  } finally {
    await reader.close();
  }
  throw new SluiceError('dead-letter-cut', {
    id,
    kept: letter.payload.length,
    bytes: letter.payloadBytes,
    source: `${sourceTopic}-${sourcePartition}@${sourceOffset}`,
  });
}

function sha256(bytes: Uint8Array | null): string {
  return createHash('sha256')
    .update(bytes ?? new Uint8Array(0))
    .digest('hex');
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

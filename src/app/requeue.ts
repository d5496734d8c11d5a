import { createHash } from 'node:crypto';
import { topicName } from '../config/topics.js';
import type { Config } from '../config/schema.js';
import { messageOf, SluiceError } from '../errors.js';
import type { DeadLetter } from '../events/words.js';
import { INPUTS, type InputName, type NewRecord, type Transport, type Unreadable } from '../ports/transport.js';
import { readDeadLetters, type DeadLetterFilter } from './dead-letters.js';
import { applyPatch, changesBetween, type JsonChange, type JsonPatch } from './json-patch.js';
import { contentOf, markOf } from './requeue-mark.js';

/** How letters are sent again. */
export interface RequeueOptions {
  readonly filter: DeadLetterFilter;
  /** Sends what was sent before, too. */
  readonly again?: boolean;
  /** Changes every message before it goes out. */
  readonly patch?: JsonPatch | undefined;
  /** Sends nothing. */
  readonly isDry?: boolean;
}

/** What a requeue did. */
export interface Requeued {
  readonly sent: number;
  /** Messages that an earlier requeue had sent. */
  readonly sentBefore: number;
  /** Letters of a message that another letter had brought already. */
  readonly repeated: number;
  /** Letters of a whole batch of the log, which are passed over: nobody here can take it apart. */
  readonly batches: number;
  /** What the patch changed, by letter; empty without one. */
  readonly changes: readonly { readonly id: string; readonly changes: readonly JsonChange[] }[];
}

/** Codes of letters that stand for every message of a batch. */
const OF_BATCHES: ReadonlySet<string> = new Set<Unreadable['code']>(['batch-too-large', 'batch-damaged']);

/** Longest wait for the source of a letter in one poll. */
const SOURCE_WAIT_MS = 1_000;

/**
 * Appends the messages of letters to the topics they came from, under their keys, and marks them as sent: a message goes out
 * once, however many letters and requeues there are. Letters of whole batches are passed over. What a letter holds only the beginning of is read where it came from.
 * All or nothing: no message is sent when one cannot be.
 * @throws SluiceError `dead-letter-cut` when a letter is not whole and its source is gone, `topic-missing`,
 * `patch-not-applicable`
 */
export async function requeueDeadLetters(
  transport: Pick<Transport, 'reader' | 'append' | 'endOffsets' | 'partitionCount'>,
  topics: Config['topics'],
  { filter: { limit, ...filter }, again = false, patch, isDry = false }: RequeueOptions,
): Promise<Requeued> {
  const messages = new Map<string, NewRecord>();
  const changes: { id: string; changes: readonly JsonChange[] }[] = [];
  const sentBefore = new Set<string>();
  let repeated = 0;
  let batches = 0;
  for (const { id, letter, isRequeued } of await readDeadLetters(transport, filter)) {
    if (OF_BATCHES.has(letter.code)) {
      batches++;
      continue;
    }
    const content = contentOf(letter);
    if (isRequeued && !again) {
      sentBefore.add(content);
      continue;
    }
    if (messages.has(content)) {
      repeated++;
      continue;
    }
    if (limit !== undefined && messages.size >= limit) break;
    const topic = INPUTS.find((input) => topicName(topics, input) === letter.sourceTopic);
    if (topic === undefined) throw new SluiceError('topic-missing', { topic: letter.sourceTopic });
    const whole = letter.payloadSha256 === null ? { key: letter.key, value: letter.payload } : undefined;
    const { key, value } = whole ?? (await sourceOf(transport, topic, id, letter));
    const changed = patch && patched(id, value, patch);
    if (changed) changes.push({ id, changes: changed.changes });
    messages.set(content, { topic, key, value: changed?.value ?? value, partition: letter.sourcePartition });
  }
  // Marks last: what is sent and not marked may go out twice and counts as a duplicate, what is marked and not sent is missing.
  if (messages.size > 0 && !isDry) {
    await transport.append([...messages.values()]);
    await transport.append([...messages.keys()].map(markOf));
  }
  return { sent: messages.size, sentBefore: sentBefore.size, repeated, batches, changes };
}

function patched(id: string, value: Uint8Array | null, patch: JsonPatch) {
  try {
    const before: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value ?? new Uint8Array(0)));
    const after = applyPatch(before, patch);
    return { value: new TextEncoder().encode(JSON.stringify(after)), changes: changesBetween(before, after) };
  } catch (thrown) {
    throw new SluiceError('patch-not-applicable', { id, why: messageOf(thrown) }, { cause: thrown });
  }
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

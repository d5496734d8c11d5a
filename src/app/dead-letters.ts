import { SluiceError } from '../errors.js';
import type { DeadLetter } from '../events/words.js';
import { deadLetterFromRecord } from '../pipeline/route/dead-letter-record.js';
import type { ReadRecord, Transport } from '../ports/transport.js';
import { readRange } from './read-range.js';
import { readTopic } from './read-topic.js';
import { contentOf, markIn } from './requeue-mark.js';

/** A dead letter and where it stands on its topic, `partition:offset`. */
export interface FoundDeadLetter {
  readonly id: string;
  readonly letter: DeadLetter;
  /** True when a requeue has sent a message with these bytes to its topic. */
  readonly isRequeued: boolean;
}

/** Which dead letters; what is absent does not narrow. */
export interface DeadLetterFilter {
  readonly code?: string | undefined;
  readonly stage?: string | undefined;
  readonly id?: readonly string[] | undefined;
  /** Only those that were written at this time or later, epoch ms. */
  readonly sinceMs?: number | undefined;
  /** At most so many, the oldest. */
  readonly limit?: number | undefined;
}

/** Every dead letter that the filter lets pass, in the order read. A code is that of any part that was refused. */
export async function readDeadLetters(
  transport: Pick<Transport, 'reader' | 'endOffsets' | 'partitionCount'>,
  filter: DeadLetterFilter = {},
): Promise<readonly FoundDeadLetter[]> {
  const found: { readonly id: string; readonly letter: DeadLetter; readonly content: string }[] = [];
  const requeued = new Set<string>();
  for await (const record of recordsSince(transport, filter.sinceMs)) {
    const mark = markIn(record);
    if (mark !== undefined) requeued.add(mark);
    if (record.value === null) continue;
    const letter = deadLetterFromRecord(record);
    const id = `${record.partition}:${record.offset}`;
    if (filter.code !== undefined && !letter.refused.some(({ code }) => code === filter.code)) continue;
    if (filter.stage !== undefined && letter.stage !== filter.stage) continue;
    if (filter.id !== undefined && !filter.id.includes(id)) continue;
    found.push({ id, letter, content: contentOf(letter) });
  }
  return found
    .slice(0, filter.limit)
    .map(({ id, letter, content }) => ({ id, letter, isRequeued: requeued.has(content) }));
}

async function* recordsSince(
  transport: Pick<Transport, 'reader' | 'endOffsets' | 'partitionCount'>,
  sinceMs: number | undefined,
): AsyncGenerator<ReadRecord> {
  if (sinceMs === undefined) return yield* readTopic(transport, 'dead-letters');
  const partitionCount = await transport.partitionCount('dead-letters');
  for (let partition = 0; partition < partitionCount; partition++)
    yield* readRange(transport, 'dead-letters', partition, { sinceMs });
}

/** The dead letter of an id. Throws `dead-letter-unknown`. */
export async function oneDeadLetter(
  transport: Pick<Transport, 'reader' | 'endOffsets' | 'partitionCount'>,
  id: string,
): Promise<FoundDeadLetter> {
  const [found] = await readDeadLetters(transport, { id: [id] });
  if (found === undefined) throw new SluiceError('dead-letter-unknown', { id });
  return found;
}

/** A dead letter as JSON can hold it: bytes as text where they are UTF-8, else as base64. */
export function deadLetterJson({ id, letter }: Pick<FoundDeadLetter, 'id' | 'letter'>): Record<string, unknown> {
  const { payload, key, ...rest } = letter;
  return { id, ...rest, key: key === null ? null : readable(key), ...payloadField(payload) };
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

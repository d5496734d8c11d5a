import type { Message } from 'kafkajs';
import { messageOf as reasonOf, SluiceError } from '../../errors.js';
import type { TopicRole, NewRecord } from '../../ports/transport.js';
import { partitionOf } from '../../events/partition.js';
import { isTooLarge } from './failures.js';
import { MAX_BATCH_BYTES, MAX_BATCH_RECORDS, MAX_ROUND_BYTES } from './settings.js';

/** Messages of one topic, each with its partition set. */
export interface TopicMessages {
  readonly topic: string;
  readonly messages: Message[];
}

/** Chooses the partition of a record: its own, else by key, else in turn. */
export type Placement = (record: NewRecord) => number;

/** Places records over topics of known partition counts; keyless records of a topic take its partitions in turn. Throws on a partition that does not exist. */
export function placement(partitionCount: (topic: TopicRole) => number): Placement {
  const turns = new Map<TopicRole, number>();
  return (record) => {
    const count = partitionCount(record.topic);
    if (record.partition !== undefined) {
      // kafkajs drops records for partitions it does not know, without a word.
      if (record.partition < count) return record.partition;
      throw new SluiceError('bug', {
        why: `${record.topic} has ${count} partitions, a record is for number ${record.partition}`,
      });
    }
    if (record.key !== null) return partitionOf(record.key, count);
    const turn = turns.get(record.topic) ?? 0;
    turns.set(record.topic, (turn + 1) % count);
    return turn % count;
  };
}

/**
 * Splits records into rounds of produce requests: kafkajs makes one record batch per topic partition and request, and a
 * topic with default settings takes batches of about 1 MB. Order within a topic partition is kept. A record above the
 * bound travels alone and the broker decides.
 */
export function rounds(
  records: readonly NewRecord[],
  place: Placement,
  nameOf: (role: TopicRole) => string,
  maxBatchBytes: (role: TopicRole) => number = () => MAX_BATCH_BYTES,
  maxRoundBytes = MAX_ROUND_BYTES,
  maxBatchRecords = MAX_BATCH_RECORDS,
): TopicMessages[][] {
  const all: TopicMessages[][] = [];
  let round = new Map<string, Message[]>();
  let batches = new Map<string, { bytes: number; count: number }>();
  let roundBytes = 0;
  const flush = () => {
    if (round.size > 0) all.push([...round].map(([topic, messages]) => ({ topic, messages })));
    round = new Map();
    batches = new Map();
    roundBytes = 0;
  };
  for (const record of records) {
    const topic = nameOf(record.topic);
    const partition = place(record);
    const bytes = sizeOf(record);
    const batch = `${topic}|${partition}`;
    const before = batches.get(batch);
    const isFull =
      before !== undefined && (before.bytes + bytes > maxBatchBytes(record.topic) || before.count >= maxBatchRecords);
    if (isFull || (roundBytes > 0 && roundBytes + bytes > maxRoundBytes)) flush();
    const filling = batches.get(batch) ?? { bytes: 0, count: 0 };
    batches.set(batch, { bytes: filling.bytes + bytes, count: filling.count + 1 });
    roundBytes += bytes;
    const messages = round.get(topic) ?? [];
    if (messages.length === 0) round.set(topic, messages);
    messages.push(messageOf(record, partition));
  }
  flush();
  return all;
}

/**
 * Throws when an answer does not speak of every topic partition that was sent: kafkajs leaves out, without a word, those of
 * which the broker that it asked for metadata does not know yet.
 */
export function refuseUnwritten(
  sent: readonly TopicMessages[],
  answered: readonly { readonly topicName: string; readonly partition: number }[],
): void {
  const written = new Set(answered.map(({ topicName, partition }) => `${topicName}-${partition}`));
  for (const { topic, messages } of sent)
    for (const { partition } of messages)
      if (!written.has(`${topic}-${partition}`))
        throw new SluiceError('kafka-failed', {
          why: `records for partition ${partition} of ${topic} were not written`,
        });
}

/** A refusal for size with the topic of the largest record, which the broker does not name; anything else as it is. */
export function withLargest(
  error: unknown,
  records: readonly NewRecord[],
  nameOf: (role: TopicRole) => string,
): unknown {
  const [first, ...others] = records;
  if (first === undefined || !isTooLarge(error)) return error;
  const largest = others.reduce((most, record) => (sizeOf(record) > sizeOf(most) ? record : most), first);
  const details = { topic: nameOf(largest.topic), bytes: sizeOf(largest), why: reasonOf(error) };
  return new SluiceError('record-too-large', details, { cause: error });
}

/** Bytes of a record in a batch, with the most that its framing takes. */
function sizeOf(record: NewRecord): number {
  let bytes = 32 + (record.key?.length ?? 0) + (record.value?.length ?? 0);
  for (const [name, value] of Object.entries(record.headers ?? {})) bytes += 3 * (name.length + value.length) + 10;
  return bytes;
}

function messageOf(record: NewRecord, partition: number): Message {
  const message = { key: asBuffer(record.key), value: asBuffer(record.value), partition };
  return record.headers === undefined ? message : { ...message, headers: { ...record.headers } };
}

/** kafkajs encodes Buffers as they are and turns any other byte array into text. */
const asBuffer = (bytes: Uint8Array | null): Buffer | null =>
  bytes === null || Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

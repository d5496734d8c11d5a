import type { FetchedPartition } from './committed-records.js';
import { ResponseReader } from './response-reader.js';
import { batchLength, fetchedBatch, formatOf, type FetchedBatch } from './record-batch.js';

/** What a fetch brought, in the shape that kafkajs gives it. */
export interface FetchResponse {
  readonly throttleTime: number;
  /** Pause the broker asks for from version 8 on; before, it pauses by itself. */
  readonly clientSideThrottleTime?: number;
  readonly responses: readonly { readonly topicName: string; readonly partitions: readonly FetchedPartition[] }[];
}

/** Of one partition no more is unpacked after this; the rest is fetched again. */
const ENOUGH_OF_PARTITION_BYTES = 16_777_216;
/** The same of a response. */
const ENOUGH_OF_RESPONSE_BYTES = 268_435_456;
/** Fields that nobody here reads, in bytes: error code and session id (from version 7), log start offset (5), read replica (11). */
const SESSION_BYTES = 2 + 4;
const LOG_START_BYTES = 8;
const READ_REPLICA_BYTES = 4;
/** Message format of record batches; before it messages stood alone. */
const RECORD_BATCHES = 2;

/**
 * Takes a fetch response of version 4 to 11 apart (Kafka protocol, Fetch). kafkajs's own reader gives up a whole response for
 * one batch that it cannot read, and unpacks without bound. What the broker cut off at the end is left out.
 * @returns undefined when a partition holds messages of a format before 2
 */
export async function decodeFetch(payload: Buffer, version: number): Promise<FetchResponse | undefined> {
  const reader = new ResponseReader(payload);
  const throttle = reader.int32();
  if (version >= 7) reader.skip(SESSION_BYTES);
  let unpackedBytes = 0;
  const responses: { topicName: string; partitions: FetchedPartition[] }[] = [];
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topicName = reader.text();
    const partitions: FetchedPartition[] = [];
    for (let count = reader.int32(); count > 0; count--) {
      const { messages, ...head } = partitionOf(reader, version);
      if (messages.length > 16 && formatOf(messages, 0) < RECORD_BATCHES) return undefined;
      const found = await batchesOf(messages, ENOUGH_OF_RESPONSE_BYTES - unpackedBytes);
      unpackedBytes += found.unpackedBytes;
      partitions.push({ ...head, batches: found.batches });
    }
    responses.push({ topicName, partitions });
  }
  return version >= 8
    ? { throttleTime: 0, clientSideThrottleTime: throttle, responses }
    : { throttleTime: throttle, responses };
}

function partitionOf(
  reader: ResponseReader,
  version: number,
): Omit<FetchedPartition, 'batches'> & { readonly messages: Buffer } {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const highWatermark = reader.int64();
  const lastStableOffset = reader.int64();
  if (version >= 5) reader.skip(LOG_START_BYTES);
  const abortedTransactions: { producerId: string; firstOffset: string }[] = [];
  for (let count = reader.int32(); count > 0; count--)
    abortedTransactions.push({ producerId: reader.int64(), firstOffset: reader.int64() });
  if (version >= 11) reader.skip(READ_REPLICA_BYTES);
  return { partition, errorCode, highWatermark, lastStableOffset, abortedTransactions, messages: reader.bytes() };
}

async function batchesOf(
  messages: Buffer,
  room: number,
): Promise<{ readonly batches: readonly FetchedBatch[]; readonly unpackedBytes: number }> {
  const batches: FetchedBatch[] = [];
  const enough = Math.min(room, ENOUGH_OF_PARTITION_BYTES);
  let sum = 0;
  let at = 0;
  for (
    let length = batchLength(messages, at);
    length !== undefined && sum < enough;
    length = batchLength(messages, at)
  ) {
    const { batch, unpackedBytes } = await fetchedBatch(messages.subarray(at, at + length));
    batches.push(batch);
    sum += unpackedBytes;
    at += length;
  }
  return { batches, unpackedBytes: sum };
}

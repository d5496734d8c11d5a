import type { Kafka, Producer } from 'kafkajs';
import type { NewRecord, TopicRole } from '../../ports/transport.js';
import { compressionType } from './codecs.js';
import { asSluiceError } from './failures.js';
import { refuseUnwritten, rounds, withLargest, type Placement, type TopicMessages } from './rounds.js';
import { nameOf, type KafkaOptions } from './settings.js';

/** Requests to different partitions under way at once. */
const CONCURRENT_SENDS = 8;

/**
 * Appends outside transactions, idempotently: what is retried inside is not doubled. A call that fails after its bounded
 * retries may have written a part of its records. Each request carries one topic partition only, for kafkajs loses records
 * when it retries a request over several while a leader moves.
 */
export class Appender {
  private producer: Promise<Producer> | undefined;
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly kafka: Kafka,
    private readonly options: KafkaOptions,
    private readonly place: Placement,
    /** Bytes of a record batch of a topic at the most. */
    private readonly batchBytes: (role: TopicRole) => number,
  ) {}

  /** Durable (all in-sync replicas) when it resolves. Calls are written one after the other. */
  append(records: readonly NewRecord[]): Promise<void> {
    const appended = this.queue.then(() => this.write(records));
    this.queue = appended.catch(() => undefined);
    return appended;
  }

  async close(): Promise<void> {
    await this.queue;
    await this.discard();
  }

  private async write(records: readonly NewRecord[]): Promise<void> {
    if (records.length === 0) return;
    try {
      this.producer ??= this.connect();
      const producer = await this.producer;
      const compression = compressionType(this.options);
      for (const round of rounds(
        records,
        this.place,
        (role: TopicRole) => nameOf(this.options, role),
        this.batchBytes,
      )) {
        const batches = round.flatMap(byPartition);
        while (batches.length > 0) {
          await Promise.all(
            batches
              .splice(0, CONCURRENT_SENDS)
              .map(async (batch) => refuseUnwritten([batch], await producer.send({ ...batch, acks: -1, compression }))),
          );
        }
      }
    } catch (error) {
      // kafkajs would give the next records the sequence numbers of those whose fate is unknown, and the broker drop them
      // as doubles: a new producer has new ones.
      await this.discard();
      const named = withLargest(error, records, (role) => nameOf(this.options, role));
      throw asSluiceError(named, this.options.transport.brokers);
    }
  }

  private async connect(): Promise<Producer> {
    const producer = this.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 5,
      allowAutoTopicCreation: false,
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0,
    });
    await producer.connect();
    return producer;
  }

  private async discard(): Promise<void> {
    const producer = this.producer;
    this.producer = undefined;
    await producer?.then((each) => each.disconnect()).catch(() => undefined);
  }
}

function byPartition({ topic, messages }: TopicMessages): TopicMessages[] {
  const batches = new Map<number, TopicMessages>();
  for (const message of messages) {
    const partition = message.partition ?? 0;
    const batch = batches.get(partition) ?? { topic, messages: [] };
    batches.set(partition, batch);
    batch.messages.push(message);
  }
  return [...batches.values()];
}

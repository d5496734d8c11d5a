import type { Kafka } from 'kafkajs';
import type { NewRecord, TopicRole } from '../../ports/transport.js';
import { bounded } from './bounded.js';
import { compressionType } from './codecs.js';
import { asSluiceError, hasType, isFenced } from './failures.js';
import { refuseUnwritten, rounds, withLargest, type Placement } from './rounds.js';
import { nameOf, type KafkaOptions } from './settings.js';
import { transactionalProducer } from './transactional-producer.js';

/** What a publication needs. */
export interface PublisherNeeds {
  readonly kafka: Kafka;
  readonly options: KafkaOptions;
  readonly place: Placement;
  /** Bytes of a record batch of a topic at the most. */
  readonly batchBytes: (role: TopicRole) => number;
}

/** Tries of a publication that another one of the same application is in the way of. */
const MOST_TRIES = 8;
/** Before the second try, and so much more before each further one: at last longer than the other one takes. */
const PAUSE_MS = 250;

/**
 * Appends records in one transaction of the producer `<application>-publish`, opened for it alone: publications are rare.
 * Opening it ends what an instance left open that died in the middle. Two at a time fence each other, and the one that lost
 * is made anew. kafkajs must not retry inside a transaction, so a failure aborts the whole.
 */
export async function publishAtOnce(needs: PublisherNeeds, records: readonly NewRecord[]): Promise<void> {
  const { options } = needs;
  for (let attempt = 1; ; attempt++) {
    try {
      return await publishOnce(needs, records);
    } catch (error) {
      const isInTheWay = isFenced(error) || hasType(error, 'CONCURRENT_TRANSACTIONS');
      if (isInTheWay && attempt < MOST_TRIES) {
        await options.clock.sleep(PAUSE_MS * attempt);
        continue;
      }
      const named = withLargest(error, records, (role) => nameOf(options, role));
      throw asSluiceError(named, options.transport.brokers);
    }
  }
}

async function publishOnce({ kafka, options, place, batchBytes }: PublisherNeeds, records: readonly NewRecord[]) {
  const { transport, application, clock } = options;
  const inTime = <T>(work: Promise<T>, what: string): Promise<T> =>
    bounded(work, 2 * transport.requestTimeoutMs, clock, `publication: ${what}`);
  const producer = transactionalProducer(kafka, options, `${application}-publish`);
  try {
    await inTime(producer.connect(), 'connect');
    const transaction = await inTime(producer.transaction(), 'producer id');
    try {
      for (const topicMessages of rounds(records, place, (role: TopicRole) => nameOf(options, role), batchBytes))
        refuseUnwritten(
          topicMessages,
          await inTime(
            transaction.sendBatch({
              topicMessages,
              acks: -1,
              timeout: transport.requestTimeoutMs,
              compression: compressionType(options),
            }),
            'produce',
          ),
        );
    } catch (error) {
      if (!isFenced(error)) await inTime(transaction.abort(), 'abort').catch(() => undefined);
      throw error;
    }
    await inTime(transaction.commit(), 'commit');
  } finally {
    await bounded(producer.disconnect(), 1_000, clock, 'disconnect').catch(() => undefined);
  }
}

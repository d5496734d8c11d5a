import type { Kafka, Producer } from 'kafkajs';
import type { KafkaOptions } from './settings.js';

/**
 * A producer of transactions under an id, not connected yet. Partitions are chosen by the caller; kafkajs must not retry
 * inside a transaction, so a failure aborts the whole.
 */
export function transactionalProducer(
  kafka: Kafka,
  { transport }: Pick<KafkaOptions, 'transport'>,
  transactionalId: string,
): Producer {
  return kafka.producer({
    transactionalId,
    transactionTimeout: transport.transactionTimeoutMs,
    allowAutoTopicCreation: false,
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition ?? 0,
    retry: { retries: 0 },
    maxInFlightRequests: 1,
  });
}

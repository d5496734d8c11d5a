import type { Cluster } from 'kafkajs';
import { afterEach, describe, expect, test } from 'vitest';
import { Cursor } from '../../../src/adapters/kafka/cursor.js';
import { Fetcher } from '../../../src/adapters/kafka/fetcher.js';
import { systemClock } from '../../../src/adapters/system/clock.js';
import type { Logger } from '../../../src/ports/logger.js';

interface Asked {
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly fetchOffset: string }[];
  }[];
}

/** A cluster of one broker whose answers for the topic `bad` cannot be taken apart; every other topic has one record. */
function clusterThatFails(fault: () => Error): Cluster {
  const fetch = ({ topics }: Asked): Promise<unknown> => {
    if (topics.some(({ topic }) => topic === 'bad')) return Promise.reject(fault());
    const partitionOf = (fetchOffset: string) => ({
      partition: 0,
      highWatermark: '1',
      abortedTransactions: [],
      batches:
        fetchOffset === '0'
          ? [
              {
                firstOffset: 0,
                lastOffset: 0,
                producerId: '-1',
                records: [{ offset: 0, timestampMs: 5, key: null, value: Buffer.from('fine'), headers: {} }],
              },
            ]
          : [],
    });
    const responses = topics.map(({ topic, partitions }) => ({
      topicName: topic,
      partitions: partitions.map(({ fetchOffset }) => partitionOf(fetchOffset)),
    }));
    return systemClock.sleep(2).then(() => ({ responses }));
  };
  const nothing = (): Promise<void> => Promise.resolve();
  return {
    connect: nothing,
    disconnect: nothing,
    isConnected: () => true,
    addMultipleTargetTopics: nothing,
    refreshMetadata: nothing,
    refreshMetadataIfNecessary: nothing,
    findLeaderForPartitions: () => ({ 1: [0] }),
    findBroker: () => Promise.resolve({ fetch, connectionPool: {} }),
  } as unknown as Cluster;
}

const opened: Fetcher[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
});

async function reading(fault: () => Error) {
  const warnings: string[] = [];
  const ignore = (): void => undefined;
  const logger: Logger = { debug: ignore, info: ignore, error: ignore, warn: (message) => void warnings.push(message) };
  const fetcher = new Fetcher(() => clusterThatFails(fault), systemClock, logger, 5_000);
  opened.push(fetcher);
  const [bad, good] = ['bad', 'good'].map((topic) => new Cursor(topic, 0, 1_000_000, () => fetcher.nudge())) as [
    Cursor,
    Cursor,
  ];
  for (const cursor of [bad, good]) fetcher.add(cursor);
  await fetcher.start(['bad', 'good']);
  for (const cursor of [bad, good]) cursor.seek(0);
  while (!bad.hasFailed || good.isEmpty) await Promise.race([bad.changed(), good.changed(), systemClock.sleep(20)]);
  return { bad, good, warnings, fetcher };
}

describe('an answer that cannot be taken apart', () => {
  test('ends reading of the partition it is about, named, said at warn, bounded; the others go on', async () => {
    const { bad, good, warnings } = await reading(() => new RangeError('Maximum call stack size exceeded'));
    expect(good.take(100).map(({ value }) => Buffer.from(value!).toString())).toEqual(['fine']);
    expect(() => bad.take(1)).toThrow(
      expect.objectContaining({
        code: 'unreadable-batch',
        class: 'config',
        details: { topic: 'bad', partition: 0, offset: 0, why: 'Maximum call stack size exceeded' },
      }),
    );
    expect(warnings).toEqual(Array(3).fill('a fetched batch cannot be taken apart'));
  });
});

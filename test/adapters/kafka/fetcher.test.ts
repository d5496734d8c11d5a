import type { Cluster } from 'kafkajs';
import { afterEach, describe, expect, test } from 'vitest';
import { Cursor } from '../../../src/adapters/kafka/cursor.js';
import { Fetcher } from '../../../src/adapters/kafka/fetcher.js';
import { systemClock } from '../../../src/adapters/system/clock.js';
import { batchLength, fetchedBatch } from '../../../src/adapters/kafka/record-batch.js';
import type { LogRecord } from '../../../src/ports/transport.js';
import { silentLogger } from '../../../src/adapters/memory/index.js';
import { segment } from './batch-fixtures.js';
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
  return clusterOf(fetch);
}

function clusterOf(fetch: (asked: Asked) => Promise<unknown>): Cluster {
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

describe('a batch whose checksum is wrong', () => {
  const [length] = [batchLength(segment('java', 'gzip'), 0)!];
  const whole = segment('java', 'gzip').subarray(0, length);
  const bent = (at: number): Buffer => {
    const bytes = Buffer.from(whole);
    bytes[at]! ^= 1;
    return bytes;
  };

  /** Reads what a broker answers, one answer after the other, the last again and again. */
  async function readOf(answers: readonly Buffer[]): Promise<readonly LogRecord[]> {
    let asked = 0;
    const fetch = async ({ topics }: Asked): Promise<unknown> => {
      const isBeginning = topics[0]?.partitions[0]?.fetchOffset === '0';
      const answer = isBeginning ? answers[Math.min(asked++, answers.length - 1)] : undefined;
      const batches = answer ? [(await fetchedBatch(answer)).batch] : [];
      await systemClock.sleep(2);
      return {
        responses: topics.map(({ topic }) => ({
          topicName: topic,
          partitions: [{ partition: 0, highWatermark: '40', abortedTransactions: [], batches }],
        })),
      };
    };
    const fetcher = new Fetcher(() => clusterOf(fetch), systemClock, silentLogger, 5_000);
    opened.push(fetcher);
    const cursor = new Cursor('t', 0, 1_000_000, () => fetcher.nudge());
    fetcher.add(cursor);
    await fetcher.start(['t']);
    cursor.seek(0);
    while (cursor.isEmpty) await Promise.race([cursor.changed(), systemClock.sleep(20)]);
    return cursor.take(1_000_000);
  }

  test('is asked for once more: what came bent over the wire is read whole', async () => {
    const records = await readOf([bent(length - 3), whole]);
    expect(records).toHaveLength(40);
    expect(records.some(({ unreadable }) => unreadable !== undefined)).toBe(false);
  });

  test('and comes the same again is one unreadable record, whatever byte is wrong', async () => {
    for (const at of [21, 30, 61, length - 1]) {
      const records = await readOf([bent(at)]);
      expect(records, `byte ${at}`).toMatchObject([{ offset: 39, unreadable: { code: 'batch-damaged' } }]);
      expect(records[0]!.unreadable!.reason).toContain('checksum');
    }
  });
});

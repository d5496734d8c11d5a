import { Kafka, logLevel } from 'kafkajs';
import { afterEach, describe, expect, test } from 'vitest';
import { partitionOf } from '../../../src/events/partition.js';
import type { Transactor } from '../../../src/adapters/kafka/transactor.js';
import type { Transport } from '../../../src/ports/transport.js';
import { brokers, drain, leaseOf, Owner, readAll, record, text, world, type World } from './fixture.js';

let current: World | undefined;
const fresh = (partitions: number, topics = {}): World => (current = world(partitions, topics));
afterEach(async () => {
  await current?.closeAll();
  current = undefined;
});

const OFFSETS = (impressions: number, interactions = 0) => ({ impressions, interactions });

describe('topics', () => {
  test('prepare creates every topic once, compacted where the newest record counts', async () => {
    const { open, config } = fresh(3);
    const transport = open();
    await transport.prepare();
    await transport.prepare();
    expect(await transport.partitionCount('impressions')).toBe(3);
    expect(await transport.partitionCount('snapshots')).toBe(1);
    const admin = new Kafka({ brokers: brokers().split(','), logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: 2, name: `${config.topics.prefix}checkpoints` }],
    });
    await admin.disconnect();
    expect(resources[0]!.configEntries.find(({ configName }) => configName === 'cleanup.policy')?.configValue).toBe(
      'compact',
    );
  });

  test('without topics.create a missing topic is named', async () => {
    await expect(fresh(1, { create: false }).open().prepare()).rejects.toMatchObject({ code: 'topic-missing' });
  });

  test('unequal partition counts are refused by prepare and join', async () => {
    const { open, config } = fresh(2);
    const admin = new Kafka({ brokers: brokers().split(','), logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.createTopics({
      topics: [
        { topic: `${config.topics.prefix}impressions`, numPartitions: 3, replicationFactor: 1 },
        { topic: `${config.topics.prefix}interactions`, numPartitions: 2, replicationFactor: 1 },
      ],
    });
    await admin.disconnect();
    const transport = open();
    await expect(transport.prepare()).rejects.toMatchObject({ code: 'partition-counts-differ' });
    await expect(transport.join(new Owner())).rejects.toMatchObject({ code: 'partition-counts-differ' });
  });

  test('no broker is told as kafka-unreachable', async () => {
    const transport = fresh(1).open({ brokers: ['127.0.0.1:1'], requestTimeoutMs: 1_000 });
    await expect(transport.prepare()).rejects.toMatchObject({ code: 'kafka-unreachable' });
    await expect(transport.join(new Owner())).rejects.toMatchObject({ code: 'kafka-unreachable' });
  });
});

describe('append and read', () => {
  test('a keyed record lands where the default partitioner puts it, with value, key and headers intact', async () => {
    const transport = fresh(4).open();
    await transport.prepare();
    const key = Buffer.from('session-7');
    await transport.append([
      { topic: 'training', key, value: Buffer.from([0, 255, 1]), headers: { code: 'ü' } },
      { topic: 'training', key, value: null },
    ]);
    const reader = await transport.reader(['training'], 'earliest');
    const records = [];
    while (records.length < 2) records.push(...(await reader.poll(200)));
    await reader.close();
    expect(records.map((each) => each.partition)).toEqual([partitionOf(key, 4), partitionOf(key, 4)]);
    expect([...records[0]!.value!]).toEqual([0, 255, 1]);
    expect(records[0]!.headers).toEqual({ code: 'ü' });
    expect(records[1]!.value).toBeNull();
    expect(records[0]).toMatchObject({ topic: 'training', offset: 0 });
  });

  test('a reader of one partition sees that partition only, a late one nothing old', async () => {
    const transport = fresh(2).open();
    await transport.prepare();
    await transport.append([record('checkpoints', 'a', 0), record('checkpoints', 'b', 1)]);
    const one = await transport.reader(['checkpoints'], 'earliest', 1);
    const late = await transport.reader(['checkpoints'], 'latest');
    expect((await readAll(one)).map(({ value }) => value)).toEqual(['b']);
    expect(await readAll(late)).toEqual([]);
    await transport.append([record('checkpoints', 'c', 0)]);
    expect((await readAll(late)).map(({ value }) => value)).toEqual(['c']);
    await Promise.all([one.close(), late.close()]);
  });

  test('more than a batch takes is split and arrives in order', async () => {
    const transport = fresh(1).open();
    await transport.prepare();
    const values = Array.from({ length: 40 }, (_, index) => `${index}:${'x'.repeat(100_000)}`);
    await transport.append(values.map((value) => record('impressions', value, 0)));
    expect(await transport.endOffsets('impressions')).toEqual([40]);
    const { lease } = await leaseOf(transport);
    await lease.seek(OFFSETS(0));
    expect((await drain(lease, 'impressions')).map(({ value }) => text(value))).toEqual(values);
  });
});

describe('a unit of work', () => {
  test('records, both offsets and the progress record are committed together and survive the instance', async () => {
    const { open } = fresh(1);
    const first = open();
    await first.prepare();
    await first.append([record('impressions', 'i0', 0), record('interactions', 'c0', 0)]);
    const { lease } = await leaseOf(first);
    expect(await lease.committed()).toEqual({ offsets: OFFSETS(0), progress: null });
    await lease.seek(OFFSETS(0));
    await drain(lease, 'impressions');
    const progress = JSON.stringify({ watermark: 5, text: 'ü'.repeat(2_000) });
    await lease.commit({
      records: [record('training', 's0'), record('audit', 's1')],
      offsets: OFFSETS(1, 1),
      progress,
    });
    expect((await first.committedAll()).get(0)).toEqual({ offsets: OFFSETS(1, 1), progress });
    await first.close();

    const second = open();
    const again = await leaseOf(second);
    expect(await again.lease.committed()).toEqual({ offsets: OFFSETS(1, 1), progress });
    const reader = await second.reader(['training', 'audit'], 'earliest');
    expect((await readAll(reader)).map(({ value }) => value).sort()).toEqual(['s0', 's1']);
    await reader.close();
  });

  test('a progress record over the limit is refused before anything is written', async () => {
    const transport = fresh(1).open();
    await transport.prepare();
    const { lease } = await leaseOf(transport);
    await expect(
      lease.commit({ records: [record('training', 'x')], offsets: OFFSETS(0), progress: 'ü'.repeat(2_049) }),
    ).rejects.toMatchObject({ code: 'progress-too-large' });
    expect(await transport.endOffsets('training')).toEqual([0]);
  });

  test('a transaction that is aborted leaves nothing a committed reader sees, and the next one goes through', async () => {
    const { open, config } = fresh(1);
    const transport = open();
    await transport.prepare();
    const { lease } = await leaseOf(transport);
    // The second round fails at the broker, after the first has been written.
    const tooLarge = { topic: 'training', key: null, value: Buffer.alloc(6_000_000), partition: 0 } as const;
    await expect(
      lease.commit({ records: [record('training', 'lost', 0), tooLarge], offsets: OFFSETS(9, 9), progress: 'p' }),
    ).rejects.toMatchObject({
      code: 'record-too-large',
      details: { topic: expect.stringMatching(/training$/) as string },
    });
    await lease.commit({ records: [record('training', 'kept', 0)], offsets: OFFSETS(1, 0), progress: 'q' });
    const reader = await transport.reader(['training'], 'earliest');
    expect((await readAll(reader)).map(({ value }) => value)).toEqual(['kept']);
    await reader.close();
    expect((await transport.committedAll()).get(0)).toEqual({ offsets: OFFSETS(1, 0), progress: 'q' });
    // The aborted record is in the log, or this test would show nothing.
    expect((await transport.endOffsets('training'))[0]).toBeGreaterThan(2);
    expect(config.topics.partitions).toBe(1);
  });

  test('caughtUp is reached after transaction markers and aborted records at the end of the log', async () => {
    const { open, config } = fresh(1);
    const transport = open();
    await transport.prepare();
    const producer = new Kafka({ brokers: brokers().split(','), logLevel: logLevel.NOTHING }).producer({
      transactionalId: `other-${config.application}`,
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    const topic = `${config.topics.prefix}impressions`;
    const committed = await producer.transaction();
    await committed.send({ topic, messages: [{ value: 'a', partition: 0 }] });
    await committed.commit();
    const aborted = await producer.transaction();
    await aborted.send({
      topic,
      messages: [
        { value: 'b', partition: 0 },
        { value: 'c', partition: 0 },
      ],
    });
    await aborted.abort();
    await producer.disconnect();
    const { lease } = await leaseOf(transport);
    await lease.seek(OFFSETS(0));
    expect((await drain(lease, 'impressions')).map(({ value }) => text(value))).toEqual(['a']);
    expect(await transport.endOffsets('impressions')).toEqual([5]);
    // Read again from inside the aborted transaction.
    await lease.seek(OFFSETS(3));
    expect(await drain(lease, 'impressions')).toEqual([]);
  });

  test('a record appended before a poll is never hidden behind caughtUp', async () => {
    const transport = fresh(1).open();
    await transport.prepare();
    const { lease } = await leaseOf(transport);
    await lease.seek(OFFSETS(0));
    for (let index = 0; index < 20; index++) {
      await transport.append([record('impressions', `v${index}`, 0)]);
      const fetched = await lease.poll('impressions', 1_000, 0);
      const seen =
        fetched.records.length > 0
          ? fetched.records
          : (expect(fetched.caughtUp).toBe(false), await drain(lease, 'impressions'));
      expect(seen.map(({ value }) => text(value))).toEqual([`v${index}`]);
    }
  });

  test('seek forgets what was fetched before', async () => {
    const transport = fresh(1).open();
    await transport.prepare();
    await transport.append(Array.from({ length: 500 }, (_, index) => record('impressions', `v${index}`, 0)));
    const { lease } = await leaseOf(transport);
    for (const from of [0, 400, 10, 499, 250]) {
      await lease.seek(OFFSETS(from));
      const { records } = await lease.poll('impressions', 500, 2_000);
      expect(records[0]!.offset).toBe(from);
    }
  });
});

describe('fencing', () => {
  test('an old owner cannot commit once a new one has the partition', async () => {
    const { open } = fresh(1);
    const old = open();
    await old.prepare();
    const { lease } = await leaseOf(old);
    await lease.commit({ records: [record('training', 'one')], offsets: OFFSETS(1), progress: '1' });
    // Same application outside the group: what a zombie's successor does.
    const thief = await steal(old);
    expect(thief.committed).toMatchObject({ progress: '1' });
    await expect(
      lease.commit({ records: [record('training', 'zombie')], offsets: OFFSETS(2), progress: 'z' }),
    ).rejects.toMatchObject({ code: 'fenced' });
    expect(lease.signal.aborted).toBe(true);
    await expect(lease.commit({ records: [], offsets: OFFSETS(2), progress: 'z' })).rejects.toMatchObject({
      code: 'fenced',
    });
    await thief.close();
    const reader = await old.reader(['training'], 'earliest');
    expect((await readAll(reader)).map(({ value }) => value)).toEqual(['one']);
    await reader.close();
  });

  test('an instance that was fenced although the partition is its own opens it again', async () => {
    const { open } = fresh(1);
    const transport = open();
    await transport.prepare();
    const { lease, owner } = await leaseOf(transport);
    await (await steal(transport)).close();
    await expect(lease.commit({ records: [], offsets: OFFSETS(0), progress: 'z' })).rejects.toMatchObject({
      code: 'fenced',
    });
    await owner.until(({ live }) => live.length === 1);
    await owner.live[0]!.commit({ records: [], offsets: OFFSETS(3), progress: 'mine again' });
    expect(owner.failures).toEqual([]);
  });
});

/** Opens the partition's producer a second time, as the next owner would. */
function steal(transport: Transport): Promise<Transactor> {
  return (
    transport as unknown as { openCommitter(partition: number, signal: AbortSignal): Promise<Transactor> }
  ).openCommitter(0, new AbortController().signal);
}

test('what is fetched ahead stays within transport.maxBufferedBytes', async () => {
  const transport = fresh(1).open({ maxBufferedBytes: 400_000 });
  await transport.prepare();
  for (let index = 0; index < 20; index++) {
    await transport.append(Array.from({ length: 100 }, () => record('impressions', 'x'.repeat(1_000), 0)));
  }
  const { lease } = await leaseOf(transport);
  await lease.seek(OFFSETS(0));
  let count = 0;
  let mostBytes = 0;
  for (let caughtUp = false; !caughtUp;) {
    const fetched = await lease.poll('impressions', 20_000, 200);
    // A slow owner gives the fetcher all the time it wants.
    await new Promise((resolve) => setTimeout(resolve, count % 500 === 0 ? 300 : 1));
    mostBytes = Math.max(
      mostBytes,
      (lease as unknown as { bufferedBytes: { impressions: number } }).bufferedBytes.impressions,
    );
    count += fetched.records.length;
    caughtUp = fetched.caughtUp;
  }
  expect(count).toBe(2_000);
  expect(mostBytes).toBeGreaterThan(100_000);
  expect(mostBytes).toBeLessThanOrEqual(400_000);
});

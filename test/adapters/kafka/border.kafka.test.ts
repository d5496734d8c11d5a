import { ConfigResourceTypes, Kafka, logLevel, type Message, type Producer } from 'kafkajs';
import { afterEach, describe, expect, test } from 'vitest';
import { BATCH_CODECS, type CodecName } from '../../../src/adapters/compression/index.js';
import { MAX_UNPACKED_BATCH_BYTES } from '../../../src/adapters/kafka/record-batch.js';
import { FIXTURE_VALUES } from './batch-fixtures.js';
import { brokers, drain, leaseOf, readAll, record, text, world, type World } from './fixture.js';
import { javaClient } from './java-client.js';

const TOPIC = ConfigResourceTypes.TOPIC;

const worlds: World[] = [];
const producers: Producer[] = [];
const fresh = (): World => {
  const made = world(1);
  worlds.push(made);
  return made;
};
afterEach(async () => {
  await Promise.all(producers.splice(0).map((each) => each.disconnect()));
  await Promise.all(worlds.splice(0).map((each) => each.closeAll()));
});

const producerOf = async (transactionalId?: string): Promise<Producer> => {
  const kafka = new Kafka({ brokers: brokers().split(','), logLevel: logLevel.NOTHING });
  const producer = kafka.producer({
    ...(transactionalId === undefined ? {} : { transactionalId }),
    maxInFlightRequests: 1,
    idempotent: transactionalId !== undefined,
  });
  producers.push(producer);
  await producer.connect();
  return producer;
};

describe('the end of an input', () => {
  test('is the written end: behind an open transaction nothing is caught up, and all of it is read once it ends', async () => {
    const world = fresh();
    const transport = world.open();
    await transport.prepare();
    const topic = `${world.config.topics.prefix}impressions`;
    const producer = await producerOf(`up-${world.config.application}`);
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: [{ key: 's', value: 'hidden' }] });
    const { lease } = await leaseOf(transport);
    await lease.seek({ impressions: 0, interactions: 0 });
    expect(await lease.poll('interactions', 1_000_000, 200)).toMatchObject({ records: [], caughtUp: true });
    for (let i = 0; i < 5; i++)
      expect(await lease.poll('impressions', 1_000_000, 200)).toMatchObject({ records: [], caughtUp: false });
    await transaction.commit();
    expect((await drain(lease, 'impressions')).map(({ value }) => text(value))).toEqual(['hidden']);
  });
});

describe('odd framing', () => {
  test('headers repeated, without a name, named like what every object has; no key, no value, no bytes: all are read', async () => {
    const world = fresh();
    const transport = world.open();
    await transport.prepare();
    const topic = `${world.config.topics.prefix}interactions`;
    const producer = await producerOf();
    const messages: Message[] = [
      { key: null, value: null },
      { key: '', value: '' },
      { key: 'k', value: 'odd names', headers: { '': 'empty', toString: 't' } },
      { key: 'k', value: 'repeated', headers: { twice: ['1', '2'], last: ['1', ''] } },
      { key: 'k', value: 'old', timestamp: '0' },
      { key: 'k', value: '['.repeat(100_000) },
    ];
    for (const message of messages) await producer.send({ topic, messages: [message] });
    const { lease } = await leaseOf(transport);
    await lease.seek({ impressions: 0, interactions: 0 });
    const found = await drain(lease, 'interactions');
    expect(found.map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(found[0]).toMatchObject({ key: null, value: null });
    expect(found[3]!.headers).toMatchObject({ twice: '2' });
  });
});

describe('compressed input', () => {
  test.each(['uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'])('%s, by the broker, is read', async (codec) => {
    const world = fresh();
    const transport = world.open();
    await transport.prepare();
    const topic = `${world.config.topics.prefix}impressions`;
    const admin = new Kafka({ brokers: brokers().split(','), logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    // The broker compresses what comes in plain.
    const configEntries = [{ name: 'compression.type', value: codec }];
    await admin.alterConfigs({ validateOnly: false, resources: [{ type: TOPIC, name: topic, configEntries }] });
    await admin.disconnect();
    await (await producerOf()).send({ topic, messages: [{ key: 's', value: 'packed '.repeat(100) }] });
    const { lease } = await leaseOf(transport);
    await lease.seek({ impressions: 0, interactions: 0 });
    expect((await drain(lease, 'impressions')).map(({ value }) => text(value))).toEqual(['packed '.repeat(100)]);
  });

  test.each(Object.keys(BATCH_CODECS) as CodecName[])(
    'a %s bomb is one unreadable record at its place, and the stream goes on past it',
    async (codec) => {
      const world = fresh();
      const transport = world.open({ compression: codec });
      await transport.prepare();
      const sent = (value: Buffer) => transport.append([{ topic: 'impressions', key: null, value, partition: 0 }]);
      await sent(Buffer.from('before'));
      await sent(Buffer.alloc(MAX_UNPACKED_BATCH_BYTES));
      await sent(Buffer.from('after'));
      const { lease } = await leaseOf(transport);
      await lease.seek({ impressions: 0, interactions: 0 });
      const found = await drain(lease, 'impressions');
      expect(found.map(({ offset, unreadable }) => [offset, unreadable?.code])).toEqual([
        [0, undefined],
        [1, 'batch-too-large'],
        [2, undefined],
      ]);
      expect(found[1]!.value!.length).toBeLessThanOrEqual(1_024);
      const reader = await transport.reader(['impressions'], 'earliest');
      await expect(readAll(reader)).rejects.toMatchObject({ code: 'unreadable-batch', class: 'config' });
      await reader.close();
    },
  );
});

describe('the Java client', () => {
  test('is read, and reads what Sluice writes, for every codec', async () => {
    const world = fresh();
    const transport = world.open({ compression: 'zstd' });
    await transport.prepare();
    const codecs = ['none', ...Object.keys(BATCH_CODECS)] as (CodecName | 'none')[];
    const { prefix } = world.config.topics;
    await javaClient('produce', ...codecs.map((codec) => `${prefix}impressions=${codec}`));
    const { lease } = await leaseOf(transport);
    await lease.seek({ impressions: 0, interactions: 0 });
    const found = (await drain(lease, 'impressions')).map(({ value }) => text(value));
    expect(found).toEqual(codecs.flatMap(() => FIXTURE_VALUES));
    const records = FIXTURE_VALUES.map((value) => record('training', value, 0));
    for (const compression of codecs) await world.open({ compression }).append(records);
    await lease.commit({ records, offsets: { impressions: found.length, interactions: 0 }, progress: '{}' });
    const printed = await javaClient('consume', `${prefix}training`);
    const expected = [...codecs, 'in a transaction'].flatMap(() => FIXTURE_VALUES);
    expect(printed.trim().split('\n')).toEqual(expected.map((value) => `${prefix}training ${value}`));
  });
});

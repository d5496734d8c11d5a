import { ConfigResourceTypes, Kafka, logLevel, type Message, type Producer } from 'kafkajs';
import { afterEach, describe, expect, test } from 'vitest';
import { ERRORS } from '../../../src/errors.js';
import { brokers, drain, leaseOf, text, world, type World } from './fixture.js';

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
    expect(await lease.poll('interactions', 1_000_000, 200)).toEqual({ records: [], caughtUp: true });
    for (let i = 0; i < 5; i++)
      expect(await lease.poll('impressions', 1_000_000, 200)).toEqual({ records: [], caughtUp: false });
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
  test.each(['uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'])(
    '%s is read when the remedy of codec-unknown names it, and refused by that code else',
    async (codec) => {
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
      if (ERRORS['codec-unknown'].remedy.includes(codec))
        expect((await drain(lease, 'impressions')).map(({ value }) => text(value))).toEqual(['packed '.repeat(100)]);
      else await expect(drain(lease, 'impressions')).rejects.toMatchObject({ code: 'codec-unknown', class: 'config' });
    },
  );
});

import { Kafka, logLevel, type Admin } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { INPUTS, OUTPUTS, type TopicRole, type Transport } from '../../../src/ports/transport.js';
import { brokers, Owner, world, type World } from './fixture.js';

let admin: Admin;
beforeAll(async () => {
  admin = new Kafka({ brokers: brokers().split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
});
afterAll(() => admin.disconnect());

const ROLES = [...INPUTS, ...OUTPUTS];

const worlds: World[] = [];
const fresh = (...given: Parameters<typeof world>): World => {
  const made = world(...given);
  worlds.push(made);
  return made;
};
afterEach(async () => {
  await Promise.all(worlds.splice(0).map((each) => each.closeAll()));
});

const make = (world: World, role: TopicRole, numPartitions: number, limit?: number): Promise<boolean> =>
  admin.createTopics({
    topics: [
      {
        topic: `${world.config.topics.prefix}${role}`,
        numPartitions,
        replicationFactor: 1,
        ...(limit === undefined ? {} : { configEntries: [{ name: 'max.message.bytes', value: String(limit) }] }),
      },
    ],
  });

const countsOf = async (transport: Transport): Promise<Record<string, number>> =>
  Object.fromEntries(
    await Promise.all(ROLES.map(async (role) => [role, await transport.partitionCount(role)] as const)),
  );

describe('topics that Sluice makes', () => {
  test('have as many partitions as the inputs that exist, whatever topics.partitions says', async () => {
    const world = fresh(1);
    await make(world, 'interactions', 5);
    const transport = world.open();
    await transport.prepare();
    expect(await countsOf(transport)).toEqual({
      ...Object.fromEntries(ROLES.map((role) => [role, 5])),
      snapshots: 1,
    });
  });

  test('grow with the inputs; those of the operator stay, checkpoints excepted', async () => {
    const world = fresh(2);
    await make(world, 'training', 2);
    await make(world, 'checkpoints', 1);
    await world.open().prepare();
    const topicPartitions = ['impressions', 'interactions'].map((role) => ({
      topic: `${world.config.topics.prefix}${role}`,
      count: 4,
    }));
    await admin.createPartitions({ topicPartitions });
    const again = world.open();
    await again.prepare();
    expect(await countsOf(again)).toMatchObject({
      impressions: 4,
      training: 2,
      audit: 4,
      'dead-letters': 4,
      checkpoints: 4,
      snapshots: 1,
    });
  });

  test('of many partitions are there when prepare resolves, for several instances at once', async () => {
    const world = fresh(64);
    const instances = [world.open(), world.open()];
    await Promise.all(instances.map((each) => each.prepare()));
    const owners = await Promise.all(
      instances.map(async (each) => {
        const owner = new Owner();
        await each.join(owner);
        return owner;
      }),
    );
    await owners[0]!.until(() => owners.reduce((sum, { live }) => sum + live.length, 0) >= 64);
    expect(owners.flatMap(({ failures }) => failures)).toEqual([]);
  });
});

describe('limits of topics', () => {
  test('are read at the start: a dead letter is made to fit', async () => {
    const world = fresh(1);
    await make(world, 'dead-letters', 1, 20_000);
    const transport = world.open();
    await transport.prepare();
    const limit = await transport.recordLimit('dead-letters');
    expect(limit).toBeLessThan(20_000);
    expect(limit).toBeGreaterThan(19_000);
    const most = { topic: 'dead-letters', key: null, value: Buffer.alloc(limit - 64) } as const;
    await transport.append([most, most, { ...most, value: Buffer.alloc(10) }]);
    expect(await transport.endOffsets('dead-letters')).toEqual([3]);
  });

  test('too narrow for checkpoints are refused by name', async () => {
    const world = fresh(1);
    await make(world, 'checkpoints', 1, 100_000);
    await expect(world.open().prepare()).rejects.toMatchObject({
      code: 'topic-limit',
      details: { topic: `${world.config.topics.prefix}checkpoints`, limit: 100_000 },
    });
  });

  test('a topic that cannot be made is named, with what the broker said', async () => {
    await expect(fresh(1, { replicationFactor: 9 }).open().prepare()).rejects.toMatchObject({
      code: 'topic-not-made',
      class: 'config',
    });
  });
});

import { Kafka, logLevel, type Admin } from 'kafkajs';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/adapters/system/index.js';
import { checkConnection, type Finding } from '../../../src/app/connection/check-connection.js';
import { startBroker } from '../../../src/lab/broker/index.js';
import type { Clock } from '../../../src/ports/clock.js';
import { World, type Application, type Changes } from '../fixture.js';

const brokers = process.env['KAFKA_BROKERS']!;
let admin: Admin;
let world: World;
beforeAll(async () => {
  admin = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  world = new World((name) => {
    const application = `lint-${name}-${randomUUID().slice(0, 8)}`;
    return { application, topics: { prefix: `${application}.` }, transport: { kind: 'kafka', brokers } };
  });
});
afterAll(async () => {
  await admin.disconnect();
  world.remove();
});

async function findings({ config }: Application, clock: Clock = systemClock): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for await (const finding of checkConnection(config, { clock })) found.push(finding);
  return found;
}

const verdicts = (found: readonly Finding[], verdict: Finding['verdict']) =>
  found.filter((each) => each.verdict === verdict).map(({ what }) => what);

const made = async (
  topics: { topic: string; numPartitions: number; configEntries?: { name: string; value: string }[] }[],
) => admin.createTopics({ topics: topics.map((each) => ({ replicationFactor: 1, ...each })), waitForLeaders: true });

describe('sluice lint --connect on a broker', () => {
  test('before the first start every topic is told as one that can be made, and none is made', async () => {
    const application = world.application();
    const found = await findings(application);
    expect(verdicts(found, 'problem')).toEqual([]);
    expect(verdicts(found, 'ok').filter((what) => what.endsWith('the first start makes it'))).toHaveLength(9);
    const topics = await admin.listTopics();
    expect(topics.filter((topic) => topic.startsWith(application.config.topics.prefix))).toEqual([]);
  });

  test('after it every topic, right and clock is fine, and the application runs on as if nobody had looked', async () => {
    const application = world.application();
    await application.runToEnd();
    const found = await findings(application);
    expect(found.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
    expect(new Set(found.map(({ about }) => about))).toEqual(new Set(['brokers', 'topics', 'rights', 'clock', 'key']));
    await expect(application.runToEnd()).resolves.toBeDefined();
  });

  test('a clock that is a minute slow is told, with the way', async () => {
    const application = world.application();
    const slow: Clock = { ...systemClock, nowMs: () => systemClock.nowMs() - 60_000 };
    const problems = verdicts(await findings(application, slow), 'problem');
    expect(problems).toEqual([expect.stringMatching(/^this machine's clock is (59\.9|60\.\d) s behind/)]);
  });

  test.each<[string, Changes, (prefix: string) => Promise<unknown>, RegExp]>([
    [
      'a missing topic that nobody may make',
      { topics: { create: false } },
      () => Promise.resolve(),
      /missing, and topics\.create is off/,
    ],
    [
      'inputs with unequal partition counts',
      {},
      (prefix) =>
        made([
          { topic: `${prefix}impressions`, numPartitions: 2 },
          { topic: `${prefix}interactions`, numPartitions: 3 },
        ]),
      /unequal partition counts: .*impressions 2, .*interactions 3/,
    ],
    [
      'a state topic that forgets by age',
      {},
      (prefix) => made([{ topic: `${prefix}checkpoints`, numPartitions: 1 }]),
      /checkpoints: cleanup\.policy = delete/,
    ],
    [
      'an input that is kept for less than a restart reads again',
      {},
      (prefix) =>
        made([
          { topic: `${prefix}impressions`, numPartitions: 1, configEntries: [{ name: 'retention.ms', value: '1000' }] },
        ]),
      /impressions: retention\.ms = 1000 is shorter/,
    ],
    [
      'a topic that takes no checkpoint',
      {},
      (prefix) =>
        made([
          {
            topic: `${prefix}snapshots`,
            numPartitions: 1,
            configEntries: [
              { name: 'cleanup.policy', value: 'compact' },
              { name: 'max.message.bytes', value: '1000' },
            ],
          },
        ]),
      /snapshots: max\.message\.bytes = 1000 is under/,
    ],
  ])('%s is a problem with a remedy', async (_name, changes, prepare, told) => {
    const application = world.application(changes);
    await prepare(application.config.topics.prefix);
    const problems = (await findings(application)).filter(({ verdict }) => verdict === 'problem');
    expect(problems.map(({ what }) => what)).toContainEqual(expect.stringMatching(told));
    for (const { remedy } of problems) expect(remedy).toBeTruthy();
  });
});

describe('the address that a broker gives to clients', () => {
  test('is told with the broker, and where nobody is there, how to mend it: nothing further is asked', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-lint-'));
    // The second listener sends clients to a port on which nobody listens.
    const cluster = await startBroker({ dir: folder, doorCount: 1 });
    try {
      const { config } = world.application();
      const by = async (port: number) => {
        const found: Finding[] = [];
        const transport = { ...config.transport, brokers: [`127.0.0.1:${port}`] };
        for await (const each of checkConnection({ ...config, transport }, { clock: systemClock })) found.push(each);
        return found.filter(({ about }) => about !== 'key');
      };
      const { port, doors } = cluster.nodes[0]!;
      const { listens, advertises } = doors[0]!;
      expect(verdicts(await by(port), 'ok')).toContain(`broker 1 answers at the address it gives, 127.0.0.1:${port}`);
      expect(await by(listens)).toEqual([
        expect.objectContaining({ verdict: 'ok', what: `127.0.0.1:${listens} answers, without TLS` }),
        expect.objectContaining({
          verdict: 'problem',
          what: expect.stringContaining(
            `broker 1 tells clients to come to 127.0.0.1:${advertises}, which fails`,
          ) as string,
          remedy: expect.stringContaining('advertised.listeners') as string,
        }),
      ]);
    } finally {
      await cluster.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { jars, startBroker, type BrokerCluster } from '../../../src/lab/broker/index.js';
import type { Transport } from '../../../src/ports/transport.js';
import { drain, leaseOf, openTransport, record, text, world } from './fixture.js';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'sluice-network-'));
let cluster: BrokerCluster | undefined;
const opened: Transport[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((transport) => transport.close()));
});
afterAll(async () => {
  await cluster?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: Parameters<typeof startBroker>[0]): Promise<BrokerCluster> {
  await cluster?.stop();
  cluster = await startBroker(options);
  return cluster;
}

/** A fresh application by way of some bootstrap servers. */
function over(brokers: readonly string[], topics = {}): Transport {
  const { config } = world(1, topics);
  const transport = openTransport(config.application, config.topics, { brokers: [...brokers] });
  opened.push(transport);
  return transport;
}

/** What a start does, and a commit, and a reader. */
async function livesOn(transport: Transport): Promise<void> {
  await transport.prepare();
  const { lease } = await leaseOf(transport);
  await lease.seek(OFFSETS(0));
  await transport.append([record('impressions', 'in', 0)]);
  expect((await drain(lease, 'impressions')).map(({ value }) => text(value))).toEqual(['in']);
  await lease.commit({ records: [record('training', 'out', 0)], offsets: OFFSETS(1, 0), progress: 'p' });
  expect(await transport.endOffsets('impressions')).toEqual([1]);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

const OFFSETS = (impressions: number, interactions = 0) => ({ impressions, interactions });

describe('a broker with two listeners, one of them on an IPv6 address', () => {
  let six = 0;
  beforeAll(async () => {
    six = await freePort();
    await start({
      dir: join(folder, 'six'),
      settings: (given) => ({
        listeners: `${given['listeners']},SIX://[::1]:${six}`,
        'advertised.listeners': `${given['advertised.listeners']},SIX://[::1]:${six}`,
        'listener.security.protocol.map': `${given['listener.security.protocol.map']},SIX:PLAINTEXT`,
      }),
    });
  });

  test('is joined, read and written by either', async () => {
    for (const broker of [`[::1]:${six}`, cluster!.brokers]) await livesOn(over([broker]));
  });

  test('is found behind a bootstrap server that is not there, and behind a name', async () => {
    const { port } = cluster!.nodes[0]!;
    await livesOn(over([`127.0.0.1:${await freePort()}`, `localhost:${port}`]));
  });
});

describe('a broker that holds clients back', () => {
  test('makes them slow, and nothing worse', async () => {
    const { brokers } = await start({ dir: join(folder, 'six') });
    const classpath = join(await jars(), '*');
    const rates = 'producer_byte_rate=60000,consumer_byte_rate=60000';
    const words = ['--alter', '--entity-type', 'clients', '--entity-default', '--add-config', rates];
    const command = ['kafka.admin.ConfigCommand', '--bootstrap-server', brokers, ...words];
    await run('java', ['-Xmx128m', '-cp', classpath, ...command]);
    const transport = over(brokers.split(','));
    await transport.prepare();
    const { lease, owner } = await leaseOf(transport);
    await lease.seek(OFFSETS(0));
    const values = Array.from({ length: 8 }, (_, n) => `${n}`.padEnd(30_000, 'x'));
    for (const value of values) await transport.append([record('impressions', value, 0)]);
    const found: string[] = [];
    while (found.length < values.length)
      found.push(...(await lease.poll('impressions', 1_000_000, 500)).records.map(({ value }) => text(value)));
    expect(found).toEqual(values);
    for (let n = 1; n <= 4; n++)
      await lease.commit({ records: [record('training', values[n]!, 0)], offsets: OFFSETS(n), progress: `${n}` });
    expect((await lease.committed()).progress).toBe('4');
    expect(owner.failures).toEqual([]);
  });
});

describe('a broker whose policy refuses a topic', () => {
  beforeAll(async () => {
    const classpath = [join(await jars(), '*'), folder].join(delimiter);
    const source = join(import.meta.dirname, '..', '..', 'fixtures', 'NoLongMessages.java');
    await run('javac', ['-cp', classpath, '-d', folder, source]);
    await start({
      dir: join(folder, 'policy'),
      classes: folder,
      settings: () => ({ 'create.topic.policy.class.name': 'NoLongMessages' }),
    });
  });

  test('ends the start with the name of the topic and what was asked of the policy', async () => {
    await expect(over([cluster!.brokers]).prepare()).rejects.toMatchObject({
      code: 'topic-not-made',
      class: 'config',
      details: {
        topic: expect.stringContaining('impressions') as string,
        why: expect.stringMatching(/policy.*max\.message\.bytes=/) as string,
      },
    });
  });

  test('and a replication factor above the brokers likewise', async () => {
    await expect(over([cluster!.brokers], { replicationFactor: 3 }).prepare()).rejects.toMatchObject({
      code: 'topic-not-made',
    });
  });
});

test('a broker that moves to another port is found there, by whoever knows the new one', async () => {
  const [from, to] = [await freePort(), await freePort()];
  const dir = join(folder, 'moved');
  await start({ dir, port: from });
  const transport = over([`127.0.0.1:${from}`, `127.0.0.1:${to}`]);
  await transport.prepare();
  const { lease, owner } = await leaseOf(transport);
  await lease.seek(OFFSETS(0));
  await transport.append([record('impressions', 'before', 0)]);
  await lease.commit({ records: [], offsets: OFFSETS(1), progress: 'before' });
  await start({ dir, port: to });
  // The lease may have been lost meanwhile; a new one comes by itself.
  for (;;) {
    await owner.until(({ live, failures }) => live.length > 0 || failures.length > 0);
    expect(owner.failures).toEqual([]);
    const now = owner.live[0]!;
    try {
      expect(await now.committed()).toEqual({ offsets: OFFSETS(1), progress: 'before' });
      await now.seek(OFFSETS(1));
      await now.commit({ records: [record('training', 'after', 0)], offsets: OFFSETS(1), progress: 'after' });
      break;
    } catch (error) {
      if (!now.signal.aborted && !(error as { retryable?: boolean }).retryable) throw error;
    }
  }
  await transport.append([record('impressions', 'after', 0)]);
  expect(await transport.endOffsets('impressions')).toEqual([2]);
});

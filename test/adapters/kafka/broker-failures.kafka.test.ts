import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { startBroker, type BrokerCluster } from '../../../src/lab/broker/index.js';
import { Copier, totalOf, until } from './copier.js';
import { leaseOf, readAll, record, world, type World } from './fixture.js';

let cluster: BrokerCluster | undefined;
let current: World | undefined;
let dir: string | undefined;

const start = async (nodes: number): Promise<BrokerCluster> => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-kafka-'));
  cluster = await startBroker({ nodes, port: 0, dir });
  return cluster;
};

afterEach(async () => {
  await current?.closeAll();
  await cluster?.stop();
  if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
  [cluster, current, dir] = [undefined, undefined, undefined];
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('three brokers killed and started one after the other: nothing is lost, nothing doubled', async () => {
  const { nodes, brokers } = await start(3);
  const partitions = 3;
  current = world(partitions);
  const settings = { brokers: brokers.split(','), requestTimeoutMs: 5_000, stuckAfterMs: 20_000 };
  const transport = current.open(settings);
  await transport.prepare();
  const values: string[] = [];
  for (let partition = 0; partition < partitions; partition++) {
    const own = Array.from({ length: 3_000 }, (_, index) => `impressions/${partition}/${index}`);
    values.push(...own);
    await transport.append(own.map((value) => record('impressions', value, partition)));
  }
  const copier = new Copier(100);
  await transport.join(copier);
  await until(() => copier.holding.size === partitions);
  for (const node of nodes) {
    await pause(1_500);
    const before = await totalOf(transport).catch(() => 0);
    expect(before).toBeLessThan(values.length);
    await node.kill();
    await pause(3_000);
    await node.start();
    // In-sync again before the next one goes, or the cluster rightly refuses writes.
    await until(async () => (await totalOf(transport).catch(() => 0)) > before);
    await pause(3_000);
  }
  await until(async () =>
    copier.failures.length > 0 ? true : (await totalOf(transport).catch(() => 0)) >= values.length,
  );
  expect(copier.failures).toEqual([]);
  const reader = await transport.reader(['training'], 'earliest');
  const seen = (await readAll(reader)).map(({ value }) => value);
  await reader.close();
  expect(seen.length).toBe(values.length);
  expect(seen.sort()).toEqual(values.sort());
});

test('a reader whose brokers are gone says so with an error of the table', async () => {
  const { nodes, brokers } = await start(1);
  current = world(1);
  const transport = current.open({ brokers: [brokers], requestTimeoutMs: 1_000 });
  await transport.prepare();
  const reader = await transport.reader(['snapshots'], 'earliest');
  await nodes[0]!.kill();
  const code: unknown = expect.stringMatching(/kafka-unreachable|kafka-failed|stuck/);
  await expect(reader.caughtUp()).rejects.toMatchObject({ code });
  await reader.close();
});

test('brokers that stay away are told once, after bounded restarts', async () => {
  const { nodes, brokers } = await start(1);
  current = world(1);
  const transport = current.open({ brokers: [brokers], requestTimeoutMs: 1_000, stuckAfterMs: 1_000, maxRestarts: 2 });
  await transport.prepare();
  const { owner, lease } = await leaseOf(transport);
  await lease.seek({ impressions: 0, interactions: 0 });
  await nodes[0]!.kill();
  await owner.until(({ failures }) => failures.length > 0);
  expect(owner.failures).toHaveLength(1);
  expect(['kafka-unreachable', 'kafka-failed', 'stuck']).toContain((owner.failures[0] as { code?: string }).code);
  expect(lease.signal.aborted).toBe(true);
});

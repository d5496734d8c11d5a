import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { afterEach, describe, expect, it } from 'vitest';
import { startBroker, type BrokerCluster } from '../../src/lab/broker/index.js';
import type { ConfigInput } from '../../src/config/schema.js';
import { brokers as suiteBrokers } from '../adapters/kafka/fixture.js';
import { World, type Application } from './fixture.js';
import { healthUrl, watchProbe } from './probes.js';
import { startSluice, type Child } from './process-child.js';

const PATIENCE = { requestTimeoutMs: 1_000, stuckAfterMs: 4_000, sessionTimeoutMs: 3_000, maxRestarts: 3 };

let world: World | undefined;
let cluster: BrokerCluster | undefined;
let stopTraffic: () => Promise<void> = () => Promise.resolve();
afterEach(async () => {
  await stopTraffic();
  await cluster?.stop();
  world?.remove();
  [world, cluster, stopTraffic] = [undefined, undefined, () => Promise.resolve()];
});

function applicationOn(brokers: string): Application {
  world = new World((name) => {
    const application = `${name}-${randomUUID().slice(0, 8)}`;
    return { application, transport: { kind: 'kafka', brokers, ...PATIENCE }, topics: { prefix: `${application}.` } };
  });
  return world.application({ http: { enabled: 'on', port: 0 } });
}

function running(config: ConfigInput): Child {
  const file = join(world!.folder, 'config.yaml');
  writeFileSync(file, JSON.stringify(config));
  return startSluice(['run', '--config', file, '--log-level', 'info']);
}

/** Does something again and again until the test is over. */
function again(work: () => Promise<void>): void {
  let isOver = false;
  const ended = (async () => {
    while (!isOver) {
      await work().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  stopTraffic = async () => {
    isOver = true;
    await ended;
  };
}

describe('what Kafka does to a running process', () => {
  it('a coordinator that is lost for good is tried again, turns /live red, and then ends it with status 4, code and remedy', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'sluice-kafka-'));
    try {
      cluster = await startBroker({ nodes: 1, port: 0, dir });
      const child = running(applicationOn(cluster.brokers).config);
      const url = await healthUrl(child);
      await child.said('partitions assigned');
      const alive = watchProbe(url, 'live', child.ended);
      await new Promise((resolve) => setTimeout(resolve, 500));
      await cluster.nodes[0]!.kill();
      const { status, stderr } = await child.ended;
      expect(status).toBe(4);
      expect(stderr).toMatch(/error (kafka-unreachable|kafka-failed|stuck)/);
      expect(stderr).toContain('remedy: ');
      const { wasOk, refusals } = await alive;
      expect(wasOk).toBe(true);
      expect(JSON.parse(refusals[0]!)).toMatchObject({ ok: false, state: 'running' });
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  it('a producer that is fenced again and again turns /live red and then ends it with status 4, code and remedy', async () => {
    const application = applicationOn(suiteBrokers());
    const { config } = application;
    const kafka = new Kafka({ brokers: suiteBrokers().split(','), logLevel: logLevel.NOTHING });
    await application.withTransport(() => Promise.resolve());
    const child = running(config);
    const url = await healthUrl(child);
    await child.said('partitions assigned');
    const alive = watchProbe(url, 'live', child.ended);
    // Another deployment with our name: opens our producer, and there is always something for us to commit.
    again(async () => {
      const thief = kafka.producer({ transactionalId: `${config.application}-0`, maxInFlightRequests: 1 });
      await thief.connect();
      await (await thief.transaction()).abort();
      await thief.disconnect();
      const value = Buffer.from('not JSON');
      await application.withTransport((each) =>
        each.append([{ topic: 'impressions', key: null, value, partition: 0 }]),
      );
    });
    const { status, stderr } = await child.ended;
    expect(status).toBe(4);
    expect(stderr).toContain('error fenced');
    expect(stderr).toMatch(/remedy: .*share one application name/);
    expect(stderr.match(/partition was taken over although it is ours/g)).toHaveLength(PATIENCE.maxRestarts);
    const { wasOk, refusals } = await alive;
    expect(wasOk).toBe(true);
    expect(JSON.parse(refusals[0]!)).toMatchObject({ ok: false, state: 'running' });
  });
});

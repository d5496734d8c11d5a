import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker } from '../src/lab/broker/index.js';

/**
 * Broker for the Kafka suite: the one named by KAFKA_BROKERS, else one of our own on free ports in a temporary folder, with
 * secured listeners beside the plain one. Throws when it cannot start: the suite is never skipped.
 */
export default async function setup(): Promise<() => Promise<void>> {
  if (process.env['KAFKA_BROKERS']) return () => Promise.resolve();
  const dir = mkdtempSync(join(tmpdir(), 'sluice-kafka-'));
  const cluster = await startBroker({ nodes: 1, port: 0, dir, secured: true });
  const { brokers, secured } = cluster;
  process.env['KAFKA_BROKERS'] = brokers;
  process.env['KAFKA_SECURED'] = JSON.stringify({ brokers, secured });
  return async () => {
    await cluster.stop();
    rmSync(dir, { recursive: true, force: true });
  };
}

/**
 * Scenario `kafka-transport`: appends N messages of 400 bytes, then reads, transforms and commits them in units of one
 * transaction each. Run after `npm run build`, against KAFKA_BROKERS or a broker of its own:
 *
 *   node test/bench/kafka-throughput.mjs [messages = 200000] [partitions = 1]
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kafkaTransport } from '../../dist/adapters/kafka/index.js';
import { systemClock } from '../../dist/adapters/system/clock.js';
import { configSchema } from '../../dist/config/schema.js';
import { startBroker } from '../../dist/lab/broker/index.js';

const messageCount = Number(process.argv[2] ?? 200_000);
const partitions = Number(process.argv[3] ?? 1);
const quiet = () => {};
const logger = { debug: quiet, info: quiet, warn: console.error, error: console.error };

const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const cluster = process.env.KAFKA_BROKERS ? undefined : await startBroker({ dir });
const id = randomUUID().slice(0, 8);
const { transport, topics, application } = configSchema.parse({
  application: `bench-${id}`,
  topics: { prefix: `b${id}.`, partitions },
  transport: { kind: 'kafka', brokers: process.env.KAFKA_BROKERS ?? cluster.brokers },
});
const kafka = kafkaTransport({ application, transport, topics, logger, clock: systemClock });
await kafka.prepare();

const value = Buffer.alloc(400, 'x');
const seconds = async (what, count, work) => {
  const start = performance.now();
  await work();
  const took = (performance.now() - start) / 1000;
  console.log(`${what}: ${count} in ${took.toFixed(2)} s, ${Math.round(count / took).toLocaleString('en')}/s`);
};

await seconds('append', messageCount, async () => {
  for (let sent = 0; sent < messageCount; sent += 10_000) {
    const count = Math.min(10_000, messageCount - sent);
    await kafka.append(
      Array.from({ length: count }, (_, index) => ({
        topic: 'impressions',
        key: Buffer.from(`k${sent + index}`),
        value,
      })),
    );
  }
});

const read = async () => {
  const reader = await kafka.reader(['impressions'], 'earliest');
  let count = 0;
  while (count < messageCount) count += (await reader.poll(200)).length;
  await reader.close();
};
await seconds('read', messageCount, read);

for (const unitBytes of [100_000, 500_000, 1_048_576]) {
  let copied = 0;
  let unitCount = 0;
  let commitMs = 0;
  let finished;
  const done = new Promise((resolve) => (finished = resolve));
  const copy = async (lease) => {
    await lease.seek({ impressions: 0, interactions: 0 });
    let offset = 0;
    while (!lease.signal.aborted && copied < messageCount) {
      const { records } = await lease.poll('impressions', unitBytes, 100);
      if (records.length === 0) continue;
      offset = records.at(-1).offset + 1;
      const start = performance.now();
      await lease.commit({
        records: records.map((each) => ({ topic: 'training', key: each.key, value: each.value })),
        offsets: { impressions: offset, interactions: 0 },
        progress: 'p'.repeat(300),
      });
      commitMs += performance.now() - start;
      unitCount++;
      copied += records.length;
    }
    if (copied >= messageCount) finished();
  };
  await seconds(`read, copy, commit in units of ${unitBytes} bytes`, messageCount, async () => {
    await kafka.join({ assigned: copy, failed: (error) => console.error(error) });
    await done;
  });
  console.log(`  ${unitCount} transactions, ${(commitMs / unitCount).toFixed(1)} ms each`);
  await kafka.leave();
}
await seconds('idle polls', 100, async () => {
  let polled;
  const ready = new Promise((resolve) => (polled = resolve));
  await kafka.join({
    assigned: async (lease) => {
      if (lease.partition !== 0) return;
      const [end] = await kafka.endOffsets('impressions');
      await lease.seek({ impressions: end, interactions: 0 });
      for (let index = 0; index < 100; index++) await lease.poll('impressions', 1_000, 0);
      polled();
    },
    failed: (error) => console.error(error),
  });
  await ready;
});
await kafka.close();
await cluster?.stop();
rmSync(dir, { recursive: true, force: true });

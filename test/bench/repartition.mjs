// What the repartition step costs: `npm run build && node test/bench/repartition.mjs [--lists 20000] [--partitions 4]`, against
// KAFKA_BROKERS or a broker of its own. The same lists of ten items, rightly keyed, are worked through to the end without the
// step and with it, in turns; prints seconds, lists a second and CPU of this process for each.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { noMetrics, silentLogger } from '../../dist/adapters/memory/index.js';
import { makeKey, systemClock } from '../../dist/adapters/system/index.js';
import { runSluice } from '../../dist/app/run.js';
import { openTransport } from '../../dist/app/wire.js';
import { configSchema } from '../../dist/config/schema.js';
import { startBroker } from '../../dist/lab/broker/index.js';
import { createHealthBoard } from '../../dist/observe/health-board.js';

const { values } = parseArgs({
  options: {
    lists: { type: 'string', default: '20000' },
    partitions: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '2' },
  },
});
const listCount = Number(values.lists);
const folder = mkdtempSync(join(tmpdir(), 'sluice-repartition-'));
const cluster = process.env.KAFKA_BROKERS ? undefined : await startBroker({ dir: join(folder, 'broker') });
const brokers = process.env.KAFKA_BROKERS ?? cluster.brokers;
const keyFile = join(folder, 'key');
await makeKey(keyFile);
const items = Array.from({ length: 10 }, (_, k) => ({ itemId: `item-${k}`, position: k + 1 }));

async function measure(repartition) {
  const application = `bench-${randomUUID().slice(0, 8)}`;
  const config = configSchema.parse({
    application,
    topics: { prefix: `${application}.`, partitions: Number(values.partitions) },
    transport: { kind: 'kafka', brokers, repartition },
    privacy: { keyFile },
    encoder: { enabled: false },
    http: { enabled: 'off' },
    selection: { scorer: 'uniform' },
    retrain: { everySamples: 1_000_000_000, everyMs: 0, proof: { enabled: false } },
  });
  const transport = openTransport(config, { logger: silentLogger, clock: systemClock });
  await transport.prepare();
  for (let sent = 0; sent < listCount; sent += 5_000)
    await transport.append(
      Array.from({ length: Math.min(5_000, listCount - sent) }, (_, i) => {
        const n = sent + i;
        const sessionId = `session-${n % 997}`;
        const list = {
          requestId: `r${n}`,
          eventTimeMs: 1_750_000_000_000 + n * 20,
          surface: 'SEARCH',
          sessionId,
          items,
        };
        return { topic: 'impressions', key: Buffer.from(sessionId), value: Buffer.from(JSON.stringify(list)) };
      }),
    );
  await transport.close();
  const [cpu, beganMs] = [process.cpuUsage(), performance.now()];
  const { samples } = await runSluice(config, {
    untilEnd: true,
    signal: new AbortController().signal,
    logger: silentLogger,
    metrics: noMetrics,
    health: createHealthBoard(systemClock),
  });
  if (samples.seen !== listCount * items.length) throw new Error(`${samples.seen} samples of ${listCount} lists`);
  const tookS = (performance.now() - beganMs) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  const rate = Math.round(listCount / tookS).toLocaleString('en');
  const cpuS = ((user + system) / 1e6).toFixed(1);
  console.log(`repartition ${repartition}: ${tookS.toFixed(1)} s, ${rate} lists/s, ${cpuS} s of CPU`);
}

try {
  for (let round = 0; round < Number(values.rounds); round++) for (const how of ['none', 'session']) await measure(how);
} finally {
  await cluster?.stop();
  rmSync(folder, { recursive: true, force: true });
}

/**
 * How long POST /v1/features takes: a run with a champion and simulated history, lists of 25 items from 4 clients at a time,
 * first while nothing else comes, then while a backlog is worked off. Prints one line each: requests a second, and
 * percentiles in milliseconds, clients in the same process. Build first: npm run build && node test/bench/serving.mjs [requests] [threads]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../dist/adapters/memory/index.js';
import { systemClock } from '../../dist/adapters/system/index.js';
import { openObservation } from '../../dist/app/observation.js';
import { runSluice } from '../../dist/app/run.js';
import { configSchema } from '../../dist/config/schema.js';
import { simulateToFiles } from '../../dist/lab/simulate/index.js';
import { openTransport } from '../../dist/app/wire.js';
import { sendEvents } from '../../dist/adapters/event-files/index.js';
import { createHealthBoard } from '../../dist/observe/health-board.js';

const REQUESTS = Number(process.argv[2] ?? 2_000);
const THREADS = Number(process.argv[3] ?? 1);
const CLIENTS = 4;
const ITEMS = 25;
const IMPRESSIONS = 120_000;
const TOKEN = 'a token of the bench';

const folder = mkdtempSync(join(tmpdir(), 'sluice-serving-'));
try {
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, TOKEN);
  const config = configSchema.parse({
    topics: { partitions: 2 },
    transport: { kind: 'embedded', path: join(folder, 'store') },
    privacy: { keyFile: join(folder, 'key') },
    encoder: { enabled: false },
    retrain: { everySamples: 20_000, promote: 'not-worse', proof: { enabled: false } },
    serving: { enabled: true, port: 0, tokenFile },
    http: { enabled: 'off' },
    run: { threads: THREADS },
  });
  const history = join(folder, 'history');
  await simulateToFiles({ folder: history, impressionCount: IMPRESSIONS, seed: 1, itemCount: 5_000 });
  await quietly(config, { eventsDir: history, untilEnd: true });
  // The learner reads along, and no fit falls due while requests are timed.
  const live = { ...config, retrain: { ...config.retrain, everySamples: 1e9, everyMs: 0, onDrift: false } };
  const stop = new AbortController();
  let url = '';
  const logger = {
    ...silentLogger,
    info: (message, fields) => void (message === 'serving features' && (url = fields.url)),
  };
  const observation = await openObservation(live, logger, systemClock, false);
  const { metrics, health, watcher } = observation;
  const ended = runSluice(live, {
    untilEnd: false,
    signal: stop.signal,
    logger: silentLogger,
    metrics,
    health,
    watcher,
  });
  for (let nth = 0; nth < 20; nth++) while ((await ask(url, nth)).status !== 200) await systemClock.sleep(50);
  const { body } = await ask(url, 0);
  console.log(
    `${ITEMS} items, ${body.columns.length} columns, ${CLIENTS} clients, threads ${THREADS}, champion ${body.snapshotVersion !== null}`,
  );
  await measured(url, REQUESTS / 4);
  console.log(`alone:        ${await measured(url, REQUESTS)}`);
  const backlog = join(folder, 'backlog');
  await simulateToFiles({ folder: backlog, impressionCount: IMPRESSIONS, seed: 2, itemCount: 5_000 });
  const transport = openTransport(config, { logger: silentLogger, clock: systemClock });
  await sendEvents(backlog, transport);
  console.log(`with backlog: ${await measured(url, REQUESTS)}`);
  await transport.close();
  stop.abort();
  await ended;
  await observation.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function quietly(config, options) {
  const observation = await openObservation(
    { ...config, serving: { ...config.serving, enabled: false } },
    silentLogger,
    systemClock,
    true,
  );
  const health = createHealthBoard(systemClock);
  await runSluice(config, {
    ...options,
    signal: new AbortController().signal,
    logger: silentLogger,
    metrics: observation.metrics,
    health,
  });
  await observation.close();
}

async function ask(url, nth) {
  const list = {
    surface: ['SEARCH', 'AD', 'RECOMMENDATION'][nth % 3],
    sessionId: `s${nth % 500}`,
    query: `shoe ${nth % 40}`,
    items: Array.from({ length: ITEMS }, (_, i) => ({
      itemId: `item-${(nth * 7 + i * 31) % 5_000}`,
      position: i + 1,
      price: 10 + i,
    })),
  };
  const answer = await fetch(`${url}/v1/features`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify(list),
  });
  return { status: answer.status, body: await answer.json() };
}

async function measured(url, requests) {
  const tookMs = [];
  let next = 0;
  const beganMs = performance.now();
  const cpuBefore = process.cpuUsage();
  const client = async () => {
    while (next < requests) {
      const nth = next++;
      const askedMs = performance.now();
      const { status } = await ask(url, nth);
      if (status !== 200) throw new Error(`answered ${status}`);
      tookMs.push(performance.now() - askedMs);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  const perSecond = (1_000 * requests) / (performance.now() - beganMs);
  const { user, system } = process.cpuUsage(cpuBefore);
  tookMs.sort((left, right) => left - right);
  const at = (share) => tookMs[Math.min(tookMs.length - 1, Math.floor(share * tookMs.length))].toFixed(1);
  const cpuMs = (user + system) / 1_000 / requests;
  return `${perSecond.toFixed(0)}/s, ${cpuMs.toFixed(2)} ms of CPU each, client and stream included, median ${at(0.5)} ms, 95 % ${at(0.95)} ms, 99 % ${at(0.99)} ms, longest ${at(1)} ms`;
}

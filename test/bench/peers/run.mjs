/**
 * Scenario `peers`: the same join in Bytewax, Quix Streams and Kafka Streams beside Sluice, over the same topics of one
 * broker, in turns. Run after `npm run build`, against KAFKA_BROKERS or a broker of its own:
 *
 *   node test/bench/peers/run.mjs [--impressions 100000] [--turns 3] [--only sluice,bytewax]
 *
 * Lists and interactions, JSON, one partition each; out comes a row for each impression once its window of half an hour is
 * over, with label 1 where somebody clicked, carted or bought it. Each row is compared with what plain code says. The last
 * line on stdout is what was found, as JSON.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { kafkaTransport } from '../../../dist/adapters/kafka/index.js';
import { systemClock } from '../../../dist/adapters/system/index.js';
import { configSchema } from '../../../dist/config/schema.js';
import { startBroker } from '../../../dist/lab/broker/index.js';
import { SEED } from '../../../dist/lab/bench/scenarios.js';
import { simulate } from '../../../dist/lab/simulate/index.js';
import { jars, python } from './install.mjs';

const WINDOW_MS = 1_800_000;
const LATENESS_MS = 60_000;
/** At this rate about 9,000 impressions wait for their outcome at a time. */
const IMPRESSIONS_PER_SECOND = 5;
const GOALS = new Set(['CLICK', 'ADD_TO_CART', 'PURCHASE']);
/** Few, so that the times of the messages tell the order of the two topics: Quix goes by them. */
const MESSAGES_AN_APPEND = 100;
/** A run that fails is tried again, and counted. */
const MOST_ATTEMPTS = 3;
/** A run that writes nothing for so long has failed. */
const MOST_SILENT_MS = 60_000;

const { values: flags } = parseArgs({
  options: {
    impressions: { type: 'string', default: '100000' },
    turns: { type: 'string', default: '3' },
    only: { type: 'string', default: 'sluice,bytewax,quix,streams' },
  },
});
const impressionCount = Number(flags.impressions);
const here = (name) => join(import.meta.dirname, name);
const say = (text) => process.stderr.write(`${text}\n`);
const quiet = () => undefined;
const logger = { debug: quiet, info: quiet, warn: quiet, error: (...words) => console.error(...words) };

const PEERS = {
  sluice: {
    name: 'Sluice',
    guarantee: 'exactly once; π, weight and 45 features on each row',
    state: 'memory, input read again',
    async command({ folder, config }) {
      writeFileSync(join(folder, 'sluice.yaml'), JSON.stringify(config));
      return [
        process.execPath,
        [here('../../../dist/main.js'), 'run', '--config', join(folder, 'sluice.yaml'), '--until-end'],
      ];
    },
  },
  bytewax: {
    name: 'Bytewax 0.21.1',
    guarantee: 'at least once: rows since the last epoch come twice after a crash',
    state: 'memory, pickled to SQLite once a second',
    command: async ({ file }) => [await python(), [here('bytewax_join.py'), file]],
  },
  quix: {
    name: 'Quix Streams 3.28.1',
    guarantee: 'exactly once',
    state: 'RocksDB and changelog topics',
    command: async ({ file }) => [await python(), [here('quix_join.py'), file]],
  },
  streams: {
    name: 'Kafka Streams 4.1.1',
    guarantee: 'exactly once',
    state: 'RocksDB and changelog topics',
    command: async ({ file }) => ['java', ['-cp', join(await jars(), '*'), here('StreamsJoin.java'), file]],
  },
};

const CHILD_ENV = { ...process.env, SLUICE_PSEUDONYM_KEY: 'a key that the bench gives', ORT_DISABLE_TELEMETRY: '1' };
const chosen = flags.only.split(',');
const root = mkdtempSync(join(tmpdir(), 'sluice-peers-'));
const broker = process.env.KAFKA_BROKERS ? undefined : await startBroker({ dir: join(root, 'broker') });
const brokers = process.env.KAFKA_BROKERS ?? broker.brokers;
/** The peer that runs. */
let running;
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, async () => {
    running?.kill('SIGKILL');
    await broker?.stop();
    rmSync(root, { recursive: true, force: true });
    process.exit(1);
  });
const prefix = `peers-${Date.now()}.`;

const configOf = (application, topics) =>
  configSchema.parse({ application, topics: { partitions: 1, ...topics }, transport: { kind: 'kafka', brokers } });
const transportOf = ({ application, transport, topics }) =>
  kafkaTransport({ application, transport, topics, logger, clock: systemClock });

/** Fills the input topics. @returns the label of each impression, by request and position */
async function feed() {
  const transport = transportOf(configOf(`${prefix}feed`, { prefix }));
  await transport.prepare();
  const labels = new Map();
  const lists = new Map();
  let batch = [];
  let lastMs = 0;
  const add = async (topic, record) => {
    batch.push({ topic, key: Buffer.from(record.sessionId), value: Buffer.from(JSON.stringify(record)) });
    if (batch.length < MESSAGES_AN_APPEND) return;
    await transport.append(batch);
    batch = [];
  };
  const traffic = { seed: SEED, impressionCount, impressionsPerSecond: IMPRESSIONS_PER_SECOND, itemCount: 3_000 };
  for (const { kind, record } of simulate(traffic)) {
    // The peers go by request and item alone.
    if (record.requestId === undefined || record.requestId === null) continue;
    lastMs = Math.max(lastMs, record.eventTimeMs);
    await add(kind, record);
    if (kind === 'impressions') {
      lists.set(record.requestId, record);
      for (const { position } of record.items) labels.set(`${record.requestId}#${position}`, 0);
    } else if (GOALS.has(record.type)) {
      const list = lists.get(record.requestId);
      const item = list?.items.find(({ itemId }) => itemId === record.itemId);
      const afterMs = record.eventTimeMs - (list?.eventTimeMs ?? Infinity);
      if (item && afterMs >= 0 && afterMs <= WINDOW_MS) labels.set(`${record.requestId}#${item.position}`, 1);
    }
  }
  // Something later on both topics, so that event time passes the last window; twice, because Quix holds the newest message
  // of a topic back where a transaction's marker stands behind it.
  for (const requestId of ['end-1', 'end-2']) {
    await transport.append(batch);
    batch = [];
    await sleep(10);
    const late = { eventTimeMs: lastMs + 3 * (WINDOW_MS + LATENESS_MS), sessionId: 'end', requestId };
    await add('impressions', { ...late, surface: 'SEARCH', items: [{ itemId: 'end', position: 1 }] });
    await add('interactions', { ...late, interactionId: requestId, type: 'VIEW', itemId: 'end' });
  }
  await transport.append(batch);
  await transport.close();
  return labels;
}

/** CPU seconds and peak MiB of a process so far; undefined once it is gone. */
function usage(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const peakKiB = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    // It has ended, and waits to be collected.
    if (peakKiB === undefined) return undefined;
    return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100, peakMiB: Number(peakKiB) / 1024 };
  } catch {
    return undefined;
  }
}

/** Runs one peer over the whole input, and compares what it wrote. */
async function measure(id, turn, labels) {
  const folder = join(root, `${id}-${turn}`);
  mkdirSync(folder);
  const own = `${prefix}${id}-${turn}.`;
  const inputs = { impressions: `${prefix}impressions`, interactions: `${prefix}interactions` };
  const outputs = configOf(`${own}watch`, { prefix: own, names: inputs });
  const transport = transportOf(outputs);
  await transport.prepare();
  const output = `${own}training`;
  const file = join(folder, 'config.json');
  const group = `${own}group`;
  writeFileSync(
    file,
    JSON.stringify({ brokers, group, folder, output, windowMs: WINDOW_MS, latenessMs: LATENESS_MS, ...inputs }),
  );
  const config = {
    application: own,
    topics: { prefix: own, names: inputs, partitions: 1 },
    transport: { kind: 'kafka', brokers, path: join(folder, 'store') },
    join: { attributionWindowMs: WINDOW_MS, allowedLatenessMs: LATENESS_MS },
    selection: { budget: 1, auditFraction: 0 },
    encoder: { enabled: false },
    retrain: { everySamples: 1_000_000_000, everyMs: 0, onDrift: false, proof: { enabled: false } },
    http: { enabled: 'off' },
  };
  const [program, words] = await PEERS[id].command({ folder, file, config });
  const reader = await transport.reader(['training'], 'earliest');
  const startedMs = performance.now();
  const child = spawn(program, words, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], env: CHILD_ENV });
  running = child;
  let lastWords = '';
  child.stderr.on('data', (chunk) => (lastWords = (lastWords + chunk).slice(-4_000)));
  let ended;
  const gone = new Promise((resolve) => child.on('close', (status) => resolve((ended = status ?? 'a signal'))));
  const values = [];
  let used;
  let first;
  let lastMs = startedMs;
  try {
    while (values.length < labels.size) {
      const found = await reader.poll(100);
      used = usage(child.pid) ?? used;
      const nowMs = performance.now();
      if (found.length > 0) {
        values.push(...found.map(({ value }) => value));
        lastMs = nowMs;
        first ??= { ms: nowMs, count: values.length, cpuSeconds: used?.cpuSeconds ?? 0 };
      } else if (nowMs - lastMs > MOST_SILENT_MS || (ended !== undefined && nowMs - lastMs > 5_000))
        throw new Error(
          `${values.length} of ${labels.size} rows, then ${ended === undefined ? 'silence' : `it ended with ${ended}`}: ${lastWords}`,
        );
    }
  } finally {
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await gone;
    clearTimeout(force);
    // What it wrote on its way out, and what was written twice.
    for (let more = await reader.poll(500); more.length > 0; more = await reader.poll(500))
      values.push(...more.map(({ value }) => value));
    await reader.close();
    await transport.close();
  }
  const seconds = (lastMs - startedMs) / 1000;
  return {
    ...compared(values, labels),
    seconds,
    perSecond:
      values.length > first.count ? (labels.size - first.count) / ((lastMs - first.ms) / 1000) : labels.size / seconds,
    cpuMicroseconds: (used.cpuSeconds * 1e6) / labels.size,
    peakMiB: used.peakMiB,
  };
}

/** Rows beside what plain code says; rows that only moved event time on are left out. */
function compared(values, labels) {
  const seen = new Set();
  const counts = { rows: 0, twice: 0, positives: 0, wrong: 0, bytes: 0 };
  for (const value of values) {
    const row = JSON.parse(Buffer.from(value).toString('utf8'));
    if (row.requestId.startsWith('end-')) continue;
    const id = `${row.requestId}#${row.position}`;
    counts.rows++;
    counts.bytes += value.length;
    if (seen.has(id)) counts.twice++;
    seen.add(id);
    counts.positives += row.label;
    if (labels.get(id) !== row.label) counts.wrong++;
  }
  return { ...counts, missing: labels.size - seen.size };
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

const results = Object.fromEntries(chosen.map((id) => [id, { runs: [], failed: 0 }]));
try {
  say(`feeding ${impressionCount} impressions`);
  const labels = await feed();
  const positives = [...labels.values()].reduce((sum, label) => sum + label, 0);
  say(`plain code: ${labels.size} rows, ${positives} positive`);
  for (let turn = 0; turn < Number(flags.turns); turn++) {
    // Turned round each time, so that a drift of the machine falls on all alike.
    for (const id of turn % 2 === 0 ? chosen : [...chosen].reverse()) {
      const result = results[id];
      if (result.skipped !== undefined) continue;
      for (let attempt = 1; ; attempt++) {
        try {
          const run = await measure(id, `${turn}-${attempt}`, labels);
          say(`  ${PEERS[id].name}: ${JSON.stringify(run)}`);
          result.runs.push(run);
          break;
        } catch (thrown) {
          const why = String(thrown.stderr || thrown.message)
            .trim()
            .slice(-1_000);
          say(`  ${PEERS[id].name} failed: ${why}`);
          result.failed++;
          if (attempt < MOST_ATTEMPTS) continue;
          result.skipped = why;
          break;
        }
      }
    }
  }
  const rows = chosen.map((id) => {
    const { runs, failed, skipped } = results[id];
    const { name, guarantee, state } = PEERS[id];
    if (skipped !== undefined || runs.length === 0) return { name, guarantee, state, skipped: skipped ?? 'no turn' };
    const of = (what) => median(runs.map((run) => run[what]));
    const worst = (what) => Math.max(...runs.map((run) => run[what]));
    return {
      name,
      perSecond: of('perSecond'),
      seconds: of('seconds'),
      cpuMicroseconds: of('cpuMicroseconds'),
      peakMiB: of('peakMiB'),
      rows: of('rows'),
      positives: of('positives'),
      bytesARow: of('bytes') / of('rows'),
      failed,
      twice: worst('twice'),
      missing: worst('missing'),
      wrong: worst('wrong'),
      guarantee,
      state,
    };
  });
  console.log(
    JSON.stringify({ impressions: labels.size, positives, turns: Number(flags.turns), load: loadavg()[0], rows }),
  );
} finally {
  await broker?.stop();
  rmSync(root, { recursive: true, force: true });
}

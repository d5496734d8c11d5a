// Steady traffic on the embedded store, and what memory does: `node test/bench/soak.mjs [--minutes 4] [--per-second 3000]
// [--encoder] [--set PATH=VALUE]`, after `npm run build`. Windows, tables and reservoirs are small, so that every bound is
// reached within the first minute; from then on the memory must be flat. `anonMb` is the process's own memory; pages of the
// store's file, which the system may take back at any time, are `fileMb`. Prints a line every five seconds and the slopes
// over the second half.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { silentLogger, RecordingMetrics } from '../../dist/adapters/memory/index.js';
import { systemClock } from '../../dist/adapters/system/index.js';
import { startFeed } from '../../dist/lab/demo/feed.js';
import { openTransport } from '../../dist/app/wire.js';
import { configSchema } from '../../dist/config/schema.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '4' },
    'per-second': { type: 'string', default: '3000' },
    encoder: { type: 'boolean', default: false },
    set: { type: 'string', multiple: true, default: [] },
  },
});
const untilMs = Date.now() + Number(values.minutes) * 60_000;
const folder = mkdtempSync(join(tmpdir(), 'sluice-soak-'));
const given = {
  application: 'soak',
  transport: { path: join(folder, 'store') },
  encoder: { enabled: values.encoder, cachePath: join(folder, 'vectors'), cacheEntries: 2_000 },
  privacy: { keyFile: join(folder, 'key') },
  http: { enabled: 'on', port: 0 },
  join: {
    attributionWindowMs: 20_000,
    allowedLatenessMs: 2_000,
    lateRetentionMs: 5_000,
    deduplicationWindowMs: 10_000,
  },
  features: { maxCounterEntries: 20_000, maxSessions: 5_000, maxInterestVectors: 1_000 },
  selection: { scorer: 'surprise', budget: 0.1 },
  retrain: {
    learner: 'boosting',
    everySamples: 50_000,
    reservoirSize: 5_000,
    auditWindowSamples: 5_000,
    keepSnapshots: 3,
  },
  state: { checkpointEveryMs: 10_000 },
};
const configFile = join(folder, 'soak.yaml');
writeFileSync(configFile, JSON.stringify(given));
const config = configSchema.parse(given);
const transport = openTransport(config, { logger: silentLogger, clock: systemClock, metrics: new RecordingMetrics() });
await transport.prepare();
const stopFeed = new AbortController();
const feed = startFeed(transport, systemClock, {
  seed: 1,
  impressionsPerSecond: Number(values['per-second']),
  itemCount: 20_000,
  signal: stopFeed.signal,
});

const child = spawn(
  process.execPath,
  [
    new URL('../../dist/main.js', import.meta.url).pathname,
    'run',
    '--config',
    configFile,
    '--log-level',
    'info',
    ...values.set.flatMap((one) => ['--set', one]),
  ],
  { stdio: ['ignore', 'inherit', 'pipe'] },
);
let said = '';
child.stderr.setEncoding('utf8').on('data', (text) => (said = (said + text).slice(-20_000)));
const ended = new Promise((resolve) => child.once('close', (status, signal) => resolve(status ?? signal)));
const megabytes = (text, name) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)?.[1] ?? NaN) / 1024);

const samples = [];
let url;
while (Date.now() < untilMs && child.exitCode === null) {
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  url ??= /"url":"([^"]+)"/.exec(said)?.[1];
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const metrics = url
    ? await fetch(`${url}/metrics`).then(
        (answer) => answer.text(),
        () => '',
      )
    : '';
  const metric = (name) =>
    metrics
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  const sample = {
    seconds: Math.round(Number(values.minutes) * 60 - (untilMs - Date.now()) / 1000),
    rssMb: megabytes(status, 'VmRSS'),
    anonMb: megabytes(status, 'RssAnon'),
    fileMb: megabytes(status, 'RssFile'),
    heapMb: Math.round(metric('nodejs_heap_size_used_bytes') / 1e6),
    externalMb: Math.round(metric('nodejs_external_memory_bytes') / 1e6),
    read: metric('sluice_impressions_total'),
    samples: metric('sluice_samples_total'),
    open: metric('sluice_open_impressions'),
    lagSeconds: Math.round(metric('sluice_watermark_lag_seconds')),
  };
  samples.push(sample);
  console.log(JSON.stringify(sample));
}
stopFeed.abort();
await feed.ended;
child.kill('SIGTERM');
const status = await ended;
const later = samples.slice(samples.length >> 1);
const slope = (name) => {
  const meanX = later.reduce((sum, { seconds }) => sum + seconds, 0) / later.length;
  const meanY = later.reduce((sum, sample) => sum + sample[name], 0) / later.length;
  const covariance = later.reduce((sum, sample) => sum + (sample.seconds - meanX) * (sample[name] - meanY), 0);
  const variance = later.reduce((sum, { seconds }) => sum + (seconds - meanX) ** 2, 0);
  return Number(((covariance / variance) * 60).toFixed(2));
};
console.log(
  JSON.stringify({
    endedWith: status,
    anonMbPerMinute: slope('anonMb'),
    heapMbPerMinute: slope('heapMb'),
    externalMbPerMinute: slope('externalMb'),
    impressionsPerSecond: Math.round((later.at(-1).read - later[0].read) / (later.at(-1).seconds - later[0].seconds)),
  }),
);
if (status !== 0) console.error(said.slice(-3_000));
await transport.close();
rmSync(folder, { recursive: true, force: true });
process.exit(status === 0 ? 0 : 1);

// How much faster a silent re-read is than the stream: `node test/bench/restore.mjs [--impressions N] [--events DIR] [--scorer S] [--encoder]
// [--profile FILE]`, after `npm run build`. Simulated traffic, or event files, on the embedded store; a champion scores (fitted in a first part of the log), then the
// rest is timed as a stream, and the same input again as a restore without a checkpoint. With `--encoder` texts are embedded:
// the stream meets each for the first time, the restore finds it on disk.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { lastValueFrom } from 'rxjs';
import { RecordingMetrics, silentLogger } from '../../dist/adapters/memory/index.js';
import { onnxModelLoader } from '../../dist/adapters/onnx/model.js';
import { systemClock } from '../../dist/adapters/system/index.js';
import { runSluice } from '../../dist/app/run.js';
import { followSettingsOf, gateOf, openParts, openTransport, routesOf } from '../../dist/app/wire.js';
import { configSchema } from '../../dist/config/schema.js';
import { createHealthBoard } from '../../dist/observe/health-board.js';
import { unitsOf } from '../../dist/pipeline/pipeline.js';
import { restorePartition } from '../../dist/pipeline/restore.js';
import { scorerOf } from '../../dist/pipeline/score/scorers.js';
import { createSnapshotFollower } from '../../dist/snapshot/index.js';

const { values } = parseArgs({
  options: {
    impressions: { type: 'string', default: '300000' },
    scorer: { type: 'string', default: 'surprise' },
    learner: { type: 'string', default: 'boosting' },
    encoder: { type: 'boolean', default: false },
    events: { type: 'string' },
    profile: { type: 'string' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'sluice-restore-'));
const main = new URL('../../dist/main.js', import.meta.url).pathname;
const configOf = (application, path) =>
  configSchema.parse({
    application,
    transport: { path: join(folder, path) },
    encoder: { enabled: values.encoder && application === 'measured', cachePath: join(folder, 'vectors') },
    http: { enabled: 'off' },
    privacy: { keyFile: join(folder, 'key') },
    selection: { scorer: values.scorer, budget: 0.1 },
    retrain: { learner: values.learner, everySamples: 20_000 },
    state: { checkpointEveryMs: 3_600_000, checkpointEveryBytes: 1e12 },
  });

try {
  const events = values.events ?? join(folder, 'events');
  if (!values.events)
    execFileSync(
      process.execPath,
      [main, 'simulate', '--out', events, '--impressions', values.impressions, '--seed', '3'],
      { stdio: 'ignore' },
    );
  // A champion, from a run over a tenth of the traffic.
  const small = join(folder, 'small');
  execFileSync(process.execPath, [main, 'simulate', '--out', small, '--impressions', '60000', '--seed', '4'], {
    stdio: 'ignore',
  });
  const first = configOf('trainer', 'store');
  const signal = new AbortController().signal;
  const open = { logger: silentLogger, metrics: new RecordingMetrics(), clock: systemClock };
  await runSluice(first, { eventsDir: small, untilEnd: true, signal, health: createHealthBoard(systemClock), ...open });

  const config = {
    ...configOf('measured', 'store'),
    topics: { ...first.topics, names: { impressions: 'in.impressions', interactions: 'in.interactions' } },
  };
  execFileSync(
    process.execPath,
    [
      main,
      'send',
      events,
      '--set',
      `transport.path=${config.transport.path}`,
      '--set',
      'topics.names.impressions=in.impressions',
      '--set',
      'topics.names.interactions=in.interactions',
    ],
    { stdio: 'ignore' },
  );
  let parts = await openParts(config, open);
  const gate = gateOf(config, parts, 0);
  const transport = openTransport(config, open);
  await transport.prepare();
  const follower = createSnapshotFollower({
    transport,
    loader: onnxModelLoader(),
    clock: systemClock,
    logger: silentLogger,
    metrics: open.metrics,
    featureSetId: parts.featureSetId,
  });
  await follower.catchUp();
  const depsOf = (lease) => ({
    config,
    lease,
    gate,
    vectors: parts.vectors(),
    keyOf: parts.keyOf,
    scorer: scorerOf(config.selection),
    champion: { current: () => follower.champion(), allowance: () => Promise.resolve(Infinity) },
    routes: routesOf(config, parts),
    followSettings: followSettingsOf(config, parts, gate),
    clock: systemClock,
    untilEnd: true,
    settings: parts.settings,
    under: () => depsOf(lease),
  });
  const cpuMs = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  const timed = async (work) => {
    const began = { wall: performance.now(), cpu: cpuMs() };
    const result = await work();
    return { result, wallMs: performance.now() - began.wall, cpuMs: cpuMs() - began.cpu };
  };
  // Of the first restore; it is slower for it, and the best of three counts.
  const profiled = async (work, file) => {
    const session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
    const result = await work();
    writeFileSync(file, JSON.stringify((await session.post('Profiler.stop')).profile));
    session.disconnect();
    return result;
  };
  // No checkpoint is taken here, so that the input is read again from its beginning.
  const sources = { transport, logger: silentLogger, onProgress: () => undefined };
  const report = await new Promise((resolve, reject) => {
    void transport.join({
      failed: reject,
      assigned: async (lease) => {
        try {
          const partition = await restorePartition(depsOf(lease), sources);
          const stream = await timed(() => lastValueFrom(unitsOf(partition, () => false)));
          const restores = [];
          for (let i = 0; i < 3; i++) {
            await parts.close();
            parts = await openParts(config, open);
            const restore = () => timed(() => restorePartition(depsOf(lease), sources));
            restores.push(i === 0 && values.profile ? await profiled(restore, values.profile) : await restore());
          }
          const best = restores.reduce((a, b) => (a.cpuMs < b.cpuMs ? a : b));
          const impressions = stream.result.counts.impressionsRead;
          resolve({
            impressions,
            textsEmbedded: open.metrics.total?.('sluice_encoder_texts_total', { source: 'model' }) ?? null,
            predicted: stream.result.counts.predicted,
            streamPerSecond: Math.round((impressions / stream.wallMs) * 1000),
            restorePerSecond: Math.round((impressions / best.wallMs) * 1000),
            timesFaster: Number((stream.wallMs / best.wallMs).toFixed(2)),
            streamCpuMicroseconds: Number(((stream.cpuMs / impressions) * 1000).toFixed(2)),
            restoreCpuMicroseconds: Number(((best.cpuMs / impressions) * 1000).toFixed(2)),
            timesLessCpu: Number((stream.cpuMs / best.cpuMs).toFixed(2)),
          });
        } catch (error) {
          reject(error);
        }
      },
    });
  });
  console.log(JSON.stringify(report, null, 1));
  await follower.close();
  await transport.leave();
  await transport.close();
  await parts.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);

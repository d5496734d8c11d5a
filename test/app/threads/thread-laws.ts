import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { StreamClient } from '../../../src/adapters/http/index.js';
import { RecordingMetrics, silentLogger } from '../../../src/adapters/memory/index.js';
import { systemClock } from '../../../src/adapters/system/index.js';
import { LiveRun } from '../../../src/app/console/live-run.js';
import { runSluice } from '../../../src/app/run.js';
import { openTransport } from '../../../src/app/wire.js';
import { simulateToFiles } from '../../../src/lab/simulate/index.js';
import type { LiveConfig } from '../../../src/config/live.js';
import { createHealthBoard } from '../../../src/observe/health-board.js';
import { METRICS } from '../../../src/observe/metric-names.js';
import type { Logger } from '../../../src/ports/logger.js';
import { SluiceError } from '../../../src/errors.js';
import type { Transport } from '../../../src/ports/transport.js';
import { Application, type Changes, factsOf, type Place, type Row, World } from '../fixture.js';
import { startSluice } from '../process-child.js';

const PARTITIONS = 3;

/** What must hold for partitions in threads, on any transport. @param learns fitted models score, and the same ones each time */
export function threadLaws(title: string, place: Place, learns: boolean): void {
  describe(`partitions in threads on ${title}`, () => {
    const world = new World(place, {
      topics: { partitions: PARTITIONS },
      join: { attributionWindowMs: 300_000, allowedLatenessMs: 30_000 },
      label: { surfaceExamined: { SEARCH: 'above-last-click' } },
      selection: { budget: 0.5, salt: 'fixed' },
      batch: { maxBytes: 20_000 },
      retrain: {
        promote: learns ? 'not-worse' : 'manual',
        everySamples: 1_200,
        minPositives: 5,
        reservoirSize: 600,
        auditWindowSamples: 150,
        boosting: { rounds: 8 },
        proof: { enabled: false },
      },
    });
    const simulated = join(world.folder, 'simulated');
    const rough = { lateFraction: 0.02, maxDelayMs: 20_000, duplicateFraction: 0.02, malformedFraction: 0.01 };

    let inOneThread: Application;
    let expected: Outputs;

    beforeAll(async () => {
      await simulateToFiles({ folder: simulated, impressionCount: 6_000, seed: 5, itemCount: 300, ...rough });
      inOneThread = world.application();
      await inOneThread.runToEnd(simulated);
      expected = await outputsOf(inOneThread);
    });
    afterAll(() => world.remove());

    const threaded = (threads: number | 'auto', changes: Changes = {}): Application =>
      world.application({ ...changes, run: { threads } });

    test('the story has several models, late interactions and dead letters', () => {
      const versions = new Set(expected['training']!.map((row) => (JSON.parse(row) as Row)['snapshotVersion']));
      expect(versions.size).toBeGreaterThan(learns ? 3 : 0);
      expect(expected['late']!.length * expected['deadLetters']!.length).toBeGreaterThan(0);
    });

    test.each([1, 2, 3, 'auto'] as const)('give the same outputs to the bit (%s)', async (threads) => {
      const started = watchThreads();
      const application = threaded(threads);
      await application.runToEnd(simulated);
      expect(await outputsOf(application)).toEqual(expected);
      if (threads !== 'auto') expect(started.length).toBe(threads === 1 ? 1 : 1 + threads);
    });

    test('give the same outputs, drained in the middle and started again in other numbers', async () => {
      const application = threaded(3);
      await application.send(simulated);
      await application.runUntilSeen(1_000);
      await new Application({ ...application.config, run: { ...application.config.run, threads: 1 } }).runUntilSeen(
        2_500,
      );
      await application.runToEnd();
      expect(await outputsOf(application)).toEqual(expected);
    });

    test('count everything once: each counter stands where it stands with one thread', async () => {
      const application = threaded(2);
      await application.runToEnd(simulated);
      const counters = Object.entries(METRICS).filter(([name, { type }]) => type === 'counter' && !TIMED.has(name));
      const totals = (of: Application) =>
        Object.fromEntries(counters.map(([name]) => [name, Number(of.metrics.total(name).toPrecision(10))]));
      expect(totals(application)).toEqual(totals(inOneThread));
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const labels = { partition: String(partition) };
        expect(application.metrics.latest('sluice_weight_sum_ratio', labels)).toBe(undefined);
      }
    });

    test('a thread that dies is started again, and nothing is lost, doubled or changed', async () => {
      const started = watchThreads();
      const application = threaded(2);
      const lines: string[] = [];
      let killed = 0;
      const logger: Logger = {
        ...silentLogger,
        info: (message) => {
          if (message !== 'partition restored' || killed > 0) return;
          killed++;
          void started[1]!.terminate();
        },
        warn: (message, fields) => void lines.push(`${message} ${JSON.stringify(fields?.['reason'])}`),
      };
      await application.runToEnd(simulated, { logger });
      expect(await outputsOf(application)).toEqual(expected);
      expect(killed).toBe(1);
      expect(started.length).toBe(4);
      expect(lines.join('\n')).toMatch(/partition failed, restoring it .*partitions-0 ended/);
    });

    test('an error of the transport is counted once, and restarts the partition', async () => {
      const application = threaded(2);
      const transport = failingOnce(openTransport(application.config, { logger: silentLogger, clock: systemClock }));
      await application.runToEnd(simulated, { transport });
      expect(await outputsOf(application)).toEqual(expected);
      expect(application.metrics.total('sluice_errors_total', { code: 'kafka-unreachable' })).toBe(1);
    });

    test('an error that restarting does not mend ends the run with it', async () => {
      const application = threaded(2, { features: { omit: [] } });
      const transport = failingOnce(
        openTransport(application.config, { logger: silentLogger, clock: systemClock }),
        new SluiceError('store-damaged', { path: 'x', why: 'y' }),
      );
      await expect(application.runToEnd(simulated, { transport })).rejects.toMatchObject({ code: 'store-damaged' });
      expect(application.metrics.total('sluice_errors_total', { code: 'store-damaged' })).toBe(1);
    });

    test('what may change while it runs changes in the threads, too', async () => {
      const { config } = threaded(2, { selection: { scorer: 'uniform', budget: 0.5 } });
      const live: { config: LiveConfig } = { config };
      const { samples } = await runSluice(config, {
        eventsDir: simulated,
        untilEnd: true,
        signal: new AbortController().signal,
        live,
        onProgress: (seenCount) => {
          if (seenCount >= 1_500 && live.config === config)
            live.config = { ...config, selection: { ...config.selection, budget: 0.01 } };
        },
        logger: silentLogger,
        metrics: new RecordingMetrics(),
        health: createHealthBoard(systemClock),
      });
      expect(samples.kept).toBeLessThan(0.35 * samples.seen);
      expect(samples.kept).toBeGreaterThan(500);
    });

    test('the console and the taps see them', async () => {
      const { config } = threaded(2);
      const live = new LiveRun(systemClock);
      const shown: string[] = [];
      const client: StreamClient = {
        send: (text) => void shown.push(text),
        end: () => undefined,
        onEnd: () => undefined,
      };
      live.taps.listen(client, { rest: 'select', query: { limit: '40' } });
      const seen: number[] = [];
      await runSluice(config, {
        eventsDir: simulated,
        untilEnd: true,
        signal: new AbortController().signal,
        watcher: live,
        onProgress: (seenCount) => {
          // A partition that has ended is no longer held.
          if (live.partitions.length === PARTITIONS) seen.push(seenCount - live.counts().samplesSeen);
        },
        logger: silentLogger,
        metrics: new RecordingMetrics(),
        health: createHealthBoard(systemClock),
      });
      expect(new Set(seen)).toEqual(new Set([0]));
      const { surfaces } = live.tally.read(systemClock.monotonicMs());
      expect(surfaces.reduce((sum, surface) => sum + surface.seen, 0)).toBeGreaterThan(0);
      const records = shown
        .flatMap((text) => /^data: (.*)$/m.exec(text)?.[1] ?? [])
        .map((text) => JSON.parse(text) as Row);
      expect(records.length).toBe(40);
      expect(records.every((record) => record['kind'] === 'sample' && record.sampleId !== '')).toBe(true);
    });

    test('SIGTERM drains the process: status 0, and nothing is lost or doubled', async () => {
      const uniform: Changes = {
        selection: { scorer: 'uniform', budget: 0.5, salt: 'fixed' },
        retrain: { pace: 'live' },
      };
      const whole = world.application(uniform);
      await whole.runToEnd(simulated);
      const application = threaded(2, uniform);
      await application.send(simulated);
      const file = join(world.folder, 'drained.yaml');
      writeFileSync(file, JSON.stringify(application.config));
      const child = startSluice(['run', '--config', file, '--format', 'json', '--log-level', 'info']);
      await child.said('"partition restored"');
      await new Promise((resolve) => setTimeout(resolve, 150));
      child.signal('SIGTERM');
      const { status, stderr, stdout } = await child.ended;
      expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
      expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toHaveProperty('samples.seen');
      await application.runToEnd();
      expect(factsOf(await application.samples())).toEqual(factsOf(await whole.samples()));
    });
  });
}

type Outputs = Readonly<Record<string, readonly string[]>>;

/** All that went out, predictions and the models that made them included; of a dead letter not when and on which topic it was sent. */
async function outputsOf(application: Application): Promise<Outputs> {
  const rows = async (topic: 'training' | 'audit' | 'late' | 'dead-letters'): Promise<string[]> =>
    (await application.rows(topic))
      .map(({ sourceTimeMs: _, sourceTopic: __, id: ___, ...row }: Row) => JSON.stringify(row))
      .sort();
  return {
    training: await rows('training'),
    audit: await rows('audit'),
    late: await rows('late'),
    deadLetters: await rows('dead-letters'),
  };
}

/** The partition threads of the runs that follow, in the order of their start: the first thread of each run is the trainer's. */
function watchThreads(): Worker[] {
  const started: Worker[] = [];
  const note = (worker: Worker): void => void started.push(worker);
  process.on('worker', note);
  onTestFinished(() => void process.off('worker', note));
  return started;
}

/** What depends on when things happened. */
const TIMED: ReadonlySet<string> = new Set([
  'sluice_errors_total',
  'sluice_restored_records_total',
  'sluice_commits_total',
  'sluice_stage_records_total',
  'sluice_forced_advances_total',
  'sluice_output_records_total',
  'sluice_output_bytes_total',
  'sluice_learner_skipped_rows_total',
]);

/** The same transport, whose fifth commit fails. */
function failingOnce(
  transport: Transport,
  error = new SluiceError('kafka-unreachable', { brokers: 'x', why: 'y' }),
): Transport {
  const join = transport.join.bind(transport);
  let commits = 0;
  transport.join = (listener) =>
    join({
      assigned: (lease) =>
        listener.assigned({
          partition: lease.partition,
          signal: lease.signal,
          committed: () => lease.committed(),
          seek: (offsets) => lease.seek(offsets),
          poll: (...asked) => lease.poll(...asked),
          commit: async (unit) => {
            if (++commits === 5) throw error;
            await lease.commit(unit);
          },
        }),
      failed: (thrown) => listener.failed(thrown),
    });
  return transport;
}

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/adapters/memory/index.js';
import { systemClock } from '../../src/adapters/system/index.js';
import { runSluice } from '../../src/app/run.js';
import { openTransport } from '../../src/app/wire.js';
import { type Observation, openObservation } from '../../src/app/observation.js';
import type { Config } from '../../src/config/schema.js';
import { SluiceError } from '../../src/errors.js';
import { simulateToFiles } from '../../src/lab/simulate/index.js';
import { METRICS, metricEntry } from '../../src/observe/metric-names.js';
import type { PartitionLease, Transport } from '../../src/ports/transport.js';
import { publishSnapshot } from '../../src/snapshot/index.js';
import { PluginFolder } from '../own/plugin-folder.js';
import { type Place, World } from './fixture.js';
import { Scrape } from './scrape.js';

const PARTITIONS = 2;
const PATIENCE_MS = 300_000;

const NAMES = Object.keys(METRICS);

/** Metrics that stay at 0 in the life below, and why. */
const QUIET: Readonly<Record<string, readonly string[]>> = {
  'no text is embedded': [
    'sluice_encoder_texts_total',
    'sluice_encoder_tokens_total',
    'sluice_encoder_seconds',
    'sluice_vector_store_failures_total',
    'sluice_worker_restarts_total',
  ],
  'no producer errs': [
    'sluice_impossible_interactions_total',
    'sluice_ignored_values_total',
    'sluice_identifying_ids_total',
    'sluice_misplaced_records_total',
    'sluice_shared_sample_ids_total',
  ],
  'every click comes in its window': ['sluice_late_positives_total'],
  'nothing is refused by a rule of its own': ['sluice_own_rule_total'],
  'nobody misbehaves': [
    'sluice_caught_interactions_total',
    'sluice_diverted_interactions_total',
    'sluice_contradictions_total',
    'sluice_flagged_samples_total',
  ],
  'nothing drifts, is full, or is written by others': [
    'sluice_drift_alarms_total',
    'sluice_closed_early_total',
    'sluice_learner_skipped_rows_total',
  ],
  'nobody reads the config again': ['sluice_config_reloads_total', 'sluice_config_options_held_back'],
  'nobody sends events over HTTP': ['sluice_door_events_total', 'sluice_door_turned_away_total'],
  'nobody asks for features': [
    'sluice_features_requests_total',
    'sluice_features_turned_away_total',
    'sluice_features_seconds',
  ],
  'nobody gives orders': ['sluice_control_orders_total', 'sluice_control_turned_away_total'],
  'nothing is repartitioned': ['sluice_repartitioned_records_total', 'sluice_repartition_lag_records'],
  'the broker stays': ['sluice_transport_restarts_total'],
  'at rest nothing waits': [
    'sluice_input_lag_records',
    'sluice_input_lag_seconds',
    'sluice_order_waiting_records',
    'sluice_order_held_records',
    'sluice_order_waiting_bytes',
    'sluice_order_waiting_seconds',
    'sluice_pending_interactions',
    'sluice_open_impressions',
  ],
};

/** A running application, scraped as Prometheus does. */
interface Running {
  scrape(): Promise<Scrape>;
  /** Scrapes until all of this holds. @throws with what does not hold after {@link PATIENCE_MS} */
  until(wanted: Readonly<Record<string, (scrape: Scrape) => boolean>>): Promise<Scrape>;
  /** Asks it to stop, and waits. It can still be scraped. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** What `/metrics` says of a whole life, on any transport. `takesOver`: a second instance may join. */
export function scrapeLaws(title: string, place: Place, takesOver: boolean): void {
  describe(`the scrape of a life on ${title}`, { timeout: 900_000 }, () => {
    const plugins = new PluginFolder();
    const rule = `import { defineRule } from 'sluice';
export const any = defineRule({ name: 'any', summary: 'nothing', impression: () => null });
`;
    const world = new World(place, {
      plugins: [{ file: plugins.write('rule.mjs', rule), sha256: '' }],
      quality: { own: ['own:any'] },
      topics: { partitions: PARTITIONS },
      join: { attributionWindowMs: 300_000, allowedLatenessMs: 30_000, idleTimeoutMs: 500 },
      http: { enabled: 'on', port: 0 },
      batch: { maxBytes: 200_000, lingerMs: 100 },
      state: { checkpointEveryMs: 1_000 },
      features: { declared: [{ name: 'cost', from: 'items.price', kind: 'number' }] },
      selection: { budget: 0.4, auditFraction: 0.3 },
      // So short a life has models that are off; one has to score all the same.
      retrain: {
        pace: 'wait',
        everySamples: 6_000,
        guards: { calibration: 100 },
        proof: { minPositives: 20, repeats: 2 },
      },
    });
    const prices = join(world.folder, 'prices.csv');
    writeFileSync(prices, 'item,price\nitem1,1\n');
    const application = world.application({ tables: [{ name: 'prices', from: { file: prices }, rowKey: 'item' }] });
    const { config } = application;
    const open: Running[] = [];
    let running: Running;
    let busy: Scrape;
    let ended: Scrape;

    beforeAll(async () => {
      const events = join(world.folder, 'life');
      const rough = { lateFraction: 0.02, maxDelayMs: 20_000, duplicateFraction: 0.02, malformedFraction: 0.01 };
      await simulateToFiles({ folder: events, impressionCount: 30_000, seed: 5, itemCount: 200, ...rough });
      const later = splitOff(events, 0.7, join(world.folder, 'later'));
      running = await start(config, events);
      open.push(running);
      await running.until({
        'a fit is promoted': (now) => now.sum('sluice_fits_total', { result: 'promoted' }) > 0,
        'a proof is made': (now) => now.has('sluice_curation_rows'),
        'a checkpoint is written': (now) => now.has('sluice_checkpoint_bytes'),
        'the budget is compared': (now) => now.has('sluice_budget_to_click_rate_ratio'),
      });
      // However fast the stream is, a champion predicts what comes after it.
      await application.send(later);
      await publishBroken(config);
      busy = await running.until({
        'the champion has predicted': (now) => now.has('sluice_champion_expected_calibration_error'),
        'the snapshot is refused': (now) => now.sum('sluice_snapshots_refused_total') > 0,
        'every lag is known': (now) => now.count('sluice_input_lag_records') === 2 * PARTITIONS,
        'every lag is 0': (now) => now.sum('sluice_input_lag_records') === 0,
        'nothing waits for its turn': (now) => now.sum('sluice_order_waiting_records') === 0,
      });
    }, 900_000);
    afterAll(async () => {
      for (const one of open) await one.stop().finally(() => one.close());
      world.remove();
      plugins.remove();
    }, 900_000);

    it('every declared metric has a sample, and every sample is declared', () => {
      expect(NAMES.filter((name) => !busy.has(name))).toEqual([]);
      expect(busy.names().filter((name) => metricEntry(name) === undefined)).toEqual([]);
    });

    it('whatever happened is not 0', () => {
      const quiet = Object.values(QUIET).flat();
      const silent = NAMES.filter((name) => !quiet.includes(name) && !busy.isNonZero(name));
      expect(silent).toEqual([]);
    });

    it('the counts are consistent with one another', () => {
      const impressions = (fate: string) => busy.sum('sluice_impressions_total', { fate });
      const interactions = (fate: string) => busy.sum('sluice_interactions_total', { fate });
      const samples = busy.sum('sluice_samples_total');
      expect(samples + busy.sum('sluice_open_impressions')).toBe(
        impressions('read') - impressions('duplicate') - impressions('dead-lettered'),
      );
      const fates = ['joined', 'unmatched', 'late', 'duplicate', 'dead-lettered'].map(interactions);
      expect(fates.reduce((sum, count) => sum + count, 0) + busy.sum('sluice_pending_interactions')).toBe(
        interactions('read'),
      );
      expect(busy.sum('sluice_output_records_total', { topic: 'training' })).toBe(
        busy.sum('sluice_samples_total', { fate: 'kept' }),
      );
      expect(busy.sum('sluice_output_records_total', { topic: 'audit' })).toBe(
        busy.sum('sluice_samples_total', { fate: 'audit' }),
      );
      expect(busy.sum('sluice_output_records_total', { topic: 'dead-letters' })).toBe(
        busy.sum('sluice_dead_letters_total'),
      );
      expect(busy.sum('sluice_commits_total', { result: 'committed' })).toBe(busy.sum('sluice_commit_seconds_count'));
      expect(busy.sum('sluice_predicted_samples_total')).toBeLessThanOrEqual(samples);
    });

    it('the commit that failed is counted, with its error, once', () => {
      expect(busy.sum('sluice_commits_total', { result: 'failed' })).toBe(1);
      expect(busy.sum('sluice_errors_total', { code: 'store-failed' })).toBe(1);
      expect(busy.sum('sluice_errors_total')).toBe(1);
    });

    it('the state of the run: running, ready, alive, all partitions owned', () => {
      expect(busy.sum('sluice_run_state', { state: 'running' })).toBe(1);
      expect(busy.sum('sluice_run_state')).toBe(1);
      expect([busy.sum('sluice_ready'), busy.sum('sluice_alive')]).toEqual([1, 1]);
      expect([busy.sum('sluice_partitions'), busy.sum('sluice_input_partitions')]).toEqual([PARTITIONS, PARTITIONS]);
      expect(busy.count('sluice_snapshot_info')).toBe(1);
    });

    it.runIf(takesOver)('a partition that another instance took over is no longer in the scrape', async () => {
      const other = await start(config);
      open.push(other);
      const left = await running.until({ 'one is left': (now) => now.sum('sluice_partitions') === 1 });
      const partitions = left.values('partition');
      expect(partitions).toHaveLength(1);
      const taken = await other.until({ 'one is taken': (now) => now.has('sluice_last_commit_seconds') });
      expect(taken.values('partition').some((partition) => partitions.includes(partition))).toBe(false);
    });

    it('once it has stopped, nothing of a partition is left', async () => {
      await running.stop();
      ended = await running.scrape();
      expect(ended.values('partition')).toEqual([]);
      expect(ended.sum('sluice_partitions')).toBe(0);
      const rebalances = (direction: string) => ended.sum('sluice_rebalances_total', { direction });
      expect(rebalances('given-back')).toBe(rebalances('taken'));
      expect([ended.sum('sluice_run_state', { state: 'stopped' }), ended.sum('sluice_ready')]).toEqual([1, 0]);
    });
  });
}

async function start(config: Config, eventsDir?: string): Promise<Running> {
  const observation = await openObservation(config, silentLogger, systemClock, false);
  const stop = new AbortController();
  const transport = openTransport(config, { logger: silentLogger, clock: systemClock, metrics: observation.metrics });
  let failure: unknown;
  const ended = runSluice(config, {
    ...(eventsDir === undefined ? {} : { eventsDir }),
    untilEnd: false,
    signal: stop.signal,
    logger: silentLogger,
    metrics: observation.metrics,
    health: observation.health,
    transport: eventsDir === undefined ? transport : failingOnce(transport),
  }).then(
    () => undefined,
    (thrown: unknown) => void (failure = thrown),
  );
  const scrape = () => scrapeOf(observation);
  return {
    scrape,
    async until(wanted) {
      const untilMs = systemClock.monotonicMs() + PATIENCE_MS;
      for (;;) {
        const now = await scrape();
        const missing = Object.keys(wanted).filter((what) => !wanted[what]!(now));
        if (missing.length === 0) return now;
        if (failure !== undefined) throw failure;
        if (systemClock.monotonicMs() > untilMs) throw new Error(`${now.text}\nstill not: ${missing.join(', ')}`);
        await systemClock.sleep(100);
      }
    },
    async stop() {
      stop.abort();
      await ended;
      if (failure !== undefined) throw failure;
    },
    close: () => observation.close(),
  };
}

async function scrapeOf({ url }: Observation): Promise<Scrape> {
  const answer = await fetch(`${url}/metrics`);
  expect(answer.status).toBe(200);
  return new Scrape(await answer.text());
}

/** Somebody's model for another feature set, made champion. */
async function publishBroken(config: Config): Promise<void> {
  const transport = openTransport(config, { logger: silentLogger, clock: systemClock });
  const brought = { onnx: new Uint8Array(10), featureSetId: 'another', columns: [], memberCount: 1, promote: true };
  await publishSnapshot({ transport, clock: systemClock }, brought).finally(() => transport.close());
}

/** The same transport, where the third commit of partition 0 fails, as when a disk or a broker does not answer. */
function failingOnce(inner: Transport): Transport {
  let commits = 0;
  const isDue = (partition: number): boolean => partition === 0 && ++commits === 3;
  const failing = (lease: PartitionLease): PartitionLease => ({
    partition: lease.partition,
    signal: lease.signal,
    committed: () => lease.committed(),
    seek: (offsets) => lease.seek(offsets),
    poll: (input, maxBytes, waitMs) => lease.poll(input, maxBytes, waitMs),
    commit: (unit) =>
      isDue(lease.partition)
        ? Promise.reject(new SluiceError('store-failed', { path: 'nowhere', why: 'made to fail' }))
        : lease.commit(unit),
  });
  return {
    prepare: () => inner.prepare(),
    missingTopics: () => inner.missingTopics(),
    recordLimit: (topic) => inner.recordLimit(topic),
    partitionCount: (topic) => inner.partitionCount(topic),
    grownInputs: () => inner.grownInputs(),
    othersInGroup: () => inner.othersInGroup(),
    join: (listener) =>
      inner.join({
        assigned: (lease) => listener.assigned(failing(lease)),
        ailing: (what, reason) => listener.ailing?.(what, reason),
        failed: (error) => listener.failed(error),
      }),
    leave: () => inner.leave(),
    append: (records) => inner.append(records),
    publish: (records) => inner.publish(records),
    reader: (topics, from, partition) => inner.reader(topics, from, partition),
    tails: () => inner.tails(),
    committedAll: () => inner.committedAll(),
    endOffsets: (topic) => inner.endOffsets(topic),
    close: () => inner.close(),
  };
}

/** Moves what happens after a share of the impressions to another folder, and returns that. */
function splitOff(folder: string, share: number, later: string): string {
  mkdirSync(later);
  const linesOf = (input: string): string[] =>
    readFileSync(join(folder, `${input}.ndjson`), 'utf8')
      .trimEnd()
      .split('\n');
  const timeOf = (line: string): number => Number(/"eventTimeMs":(\d+)/.exec(line)?.[1] ?? 0);
  const impressions = linesOf('impressions');
  const cutMs = timeOf(impressions[Math.floor(share * impressions.length)]!);
  for (const input of ['impressions', 'interactions']) {
    const lines = linesOf(input);
    const write = (to: string, wanted: (line: string) => boolean): void =>
      writeFileSync(
        join(to, `${input}.ndjson`),
        lines
          .filter(wanted)
          .map((line) => `${line}\n`)
          .join(''),
      );
    write(folder, (line) => timeOf(line) < cutMs);
    write(later, (line) => timeOf(line) >= cutMs);
  }
  return later;
}

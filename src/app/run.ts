import { lastValueFrom } from 'rxjs';
import { sendEvents } from '../adapters/event-files/index.js';
import { systemClock } from '../adapters/system/index.js';
import { createTrainer } from '../adapters/threads/trainer.js';
import type { Config } from '../config/schema.js';
import { messageOf } from '../errors.js';
import type { Retrainer } from '../learn/index.js';
import type { Champion, Partition } from '../pipeline/partition.js';
import { unitsOf } from '../pipeline/pipeline.js';
import { loadCheckpoint } from '../pipeline/checkpoint/load.js';
import { restorePartition } from '../pipeline/restore.js';
import { emptyStreamState } from '../pipeline/stream-state.js';
import type { Clock } from '../ports/clock.js';
import type { PartitionLease, Transport } from '../ports/transport.js';
import type { SnapshotFollower } from '../snapshot/index.js';
import { accountingOf, type Accounting } from './accounting.js';
import { liveChampion, replayChampion } from './champion-gate.js';
import { Mending } from './mend.js';
import { ErrorCount } from './observed/error-count.js';
import { ObservedTransport } from './observed/observed-transport.js';
import { openLearning } from './open-learning.js';
import { observeUnit } from './observe-unit.js';
import { partitionDepsOf } from './partition-deps-of.js';
import { PartitionMetrics } from './partition-metrics.js';
import { provedAtEnd } from './prove-at-end.js';
import { restoreReport } from './restore-report.js';
import type { RunOptions } from './run-options.js';
import { SeenSamples } from './seen-samples.js';
import { StuckWatch } from './stuck-watch.js';
import { openParts, openTransport, type Parts } from './wire.js';
import { within } from './within.js';

export type { RunOptions } from './run-options.js';

/** Giving partitions back takes a little, however long the drain took. */
const LEAST_LEAVE_MS = 2_000;
/** How long everything may take to close once no batch is under way. */
const CLOSE_MS = 5_000;
/** How long a run to the end waits for further partitions after its last one is done. */
const LAST_CALL_MS = 2_000;

/**
 * Runs the processor until the signal, the end of the input, or a failure that restarting does not mend.
 * @returns the application's accounting, this run's wall time in it
 */
export async function runSluice(config: Config, options: RunOptions): Promise<Accounting> {
  const clock = options.clock ?? systemClock;
  const { metrics, logger } = options;
  const errors = new ErrorCount(metrics);
  const inner = options.transport ?? openTransport(config, { logger, clock, metrics });
  const transport = new ObservedTransport(inner, { metrics, errors, clock });
  const run = new Run(config, options, clock, transport, errors);
  try {
    return await run.run();
  } catch (thrown) {
    errors.note(thrown);
    options.health.fail(messageOf(thrown));
    throw thrown;
  } finally {
    const closing = run.close().then(() => transport.close());
    if (!(await within(clock, CLOSE_MS, closing)))
      logger.warn('left without waiting for everything to close; what was committed is safe');
  }
}

class Run {
  private readonly startedMs: number;
  private readonly stop = new AbortController();
  private readonly seen = new SeenSamples();
  private readonly active = new Map<number, Promise<void>>();
  private doneCount = 0;
  /** Partition 0 was here: this instance fitted. */
  private ownedFirst = false;
  private failure: unknown;
  private wake: () => void = () => {};
  /** When a drain is over, monotonic ms; Infinity before it begins. */
  private drainUntilMs = Infinity;
  private parts: Parts | undefined;
  private follower: SnapshotFollower | undefined;
  private learner: Retrainer | undefined;
  private champion: Champion | undefined;
  private readonly trainer = createTrainer();
  private readonly watch: StuckWatch;

  constructor(
    private readonly config: Config,
    private readonly options: RunOptions,
    private readonly clock: Clock,
    private readonly transport: Transport,
    private readonly errors: ErrorCount,
  ) {
    this.startedMs = clock.monotonicMs();
    this.watch = new StuckWatch(clock, config.transport.stuckAfterMs, {
      ailing: (partition, error) => options.health.alarm(`stuck-${partition}`, error.message),
      recovered: (partition) => options.health.relieve(`stuck-${partition}`),
      stuck: (error) => this.fail(error),
    });
  }

  async run(): Promise<Accounting> {
    const { config, options, transport, clock } = this;
    await transport.prepare();
    this.parts = await openParts(config, { ...options, clock });
    const { training, audit, late } = this.parts.codecs;
    for (const codec of [training, audit, late]) await codec.ready?.();
    if (options.eventsDir !== undefined) await this.feed(options.eventsDir);
    await this.startLearning();
    const partitionCount = await transport.partitionCount('impressions');
    options.signal.addEventListener('abort', () => this.drain('asked to stop'), { once: true });
    if (options.signal.aborted) this.drain('asked to stop');
    await transport.join({
      assigned: (lease) => this.own(lease),
      ailing: (what, reason) => (reason === null ? options.health.relieve(what) : options.health.alarm(what, reason)),
      failed: (error) => this.fail(error),
    });
    if (options.health.current.state === 'starting') options.health.enter('running', 'joined');
    // A stream that holds for its fits is silent while they run.
    if (!this.waits) void this.watch.watch(this.stop.signal);
    await this.untilDone(partitionCount);
    if (options.health.current.state === 'running') options.health.enter('draining', 'end of the input');
    await this.leave();
    if (this.failure !== undefined) throw this.failure;
    const wallMs = Math.round(clock.monotonicMs() - this.startedMs);
    const curation = await provedAtEnd(this.learner!, options, this.ownedFirst);
    const accounting = await accountingOf(transport, wallMs, curation);
    options.health.enter('stopped', 'all batches committed');
    return accounting;
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.learner?.close();
    await this.follower?.close();
    await this.trainer.close();
    await this.parts?.close();
  }

  private async feed(eventsDir: string): Promise<void> {
    const { wire } = this.config;
    const codecs = wire.inputFormat === 'json' ? undefined : this.parts!.codecs;
    await codecs?.impressions.ready?.();
    await codecs?.interactions.ready?.();
    await sendEvents(eventsDir, this.transport, codecs);
  }

  private async startLearning(): Promise<void> {
    const { config, options, transport, clock } = this;
    const { retrain } = config;
    const { follower, learner } = await openLearning(config, this.parts!, transport, this.trainer, {
      ...options,
      clock,
    });
    this.follower = follower;
    this.learner = learner;
    this.champion = this.waits
      ? replayChampion({
          follower: this.follower,
          learner: this.learner,
          retrain,
          seen: () => this.seen.total(),
          isLearner: () => this.isLearner(),
          signal: this.stop.signal,
        })
      : liveChampion(this.follower);
    this.follower.start();
    await this.seen.refresh(transport);
  }

  /** True when the stream holds for its fits. */
  private get waits(): boolean {
    const { pace } = this.config.retrain;
    return pace === 'wait' || (pace === 'auto' && this.options.untilEnd);
  }

  /** The owner of partition 0 fits: one instance at a time, wherever it runs. */
  private isLearner(): boolean {
    return this.active.has(0);
  }

  private async own(lease: PartitionLease): Promise<void> {
    const owned = this.process(lease).catch((thrown: unknown) => this.fail(thrown));
    this.active.set(lease.partition, owned);
    this.ownedFirst ||= lease.partition === 0;
    if (lease.partition === 0 && !this.waits) this.learner!.start(() => this.seen.total());
    await owned;
    this.options.health.relieve(`partition-${lease.partition}`);
    this.active.delete(lease.partition);
    this.seen.giveBack(lease.partition);
    if (lease.partition === 0 && !this.waits) await this.learner!.stop();
    this.wake();
  }

  private async process(lease: PartitionLease): Promise<void> {
    const { logger } = this.options;
    const mending = new Mending(this.clock);
    for (;;) {
      try {
        await this.live(lease);
        return;
      } catch (thrown) {
        if (lease.signal.aborted || this.stop.signal.aborted) return;
        this.errors.note(thrown);
        const reason = messageOf(thrown);
        this.options.health[mending.isNearlySpent ? 'alarm' : 'impede'](`partition-${lease.partition}`, reason);
        const restarts = await mending.again(thrown, lease.signal);
        logger.warn('partition failed, restoring it', { partition: lease.partition, restarts, reason });
      } finally {
        this.watch.leave(lease.partition);
      }
    }
  }

  private async live(lease: PartitionLease): Promise<void> {
    const { config, options, clock } = this;
    const parts = this.parts!;
    const deps = await partitionDepsOf(config, parts, lease, this.transport, {
      ...options,
      clock,
      champion: this.champion!,
    });
    const startedMs = clock.monotonicMs();
    this.watch.sign(lease.partition);
    const checkpoints = {
      transport: this.transport,
      partition: lease.partition,
      emptyState: () => emptyStreamState(config, parts.keyOf),
      logger: options.logger,
    };
    const partition = await restorePartition(
      deps,
      (checkpointId) => loadCheckpoint(checkpoints, checkpointId),
      restoreReport(lease, clock, options.logger, this.watch),
    );
    options.metrics.observe('sluice_restore_seconds', (clock.monotonicMs() - startedMs) / 1000);
    this.seen.take(lease.partition, () => partition.counts.samplesSeen);
    await this.follow(partition, lease);
    if (partition.isDone) this.doneCount++;
  }

  private async follow(partition: Partition, lease: PartitionLease): Promise<void> {
    const { metrics, logger, health, onProgress } = this.options;
    const partitionMetrics = new PartitionMetrics(metrics, logger, lease.partition, partition);
    const isStopping = (): boolean => this.stop.signal.aborted || this.options.signal.aborted || lease.signal.aborted;
    const units$ = unitsOf(partition, isStopping);
    await lastValueFrom(
      observeUnit(units$, () => {
        this.watch.sign(lease.partition);
        health.relieve(`partition-${lease.partition}`);
        partitionMetrics.committed(this.clock.nowMs());
        onProgress?.(this.seen.total(), null);
      }),
      { defaultValue: partition },
    );
  }

  private async untilDone(partitionCount: number): Promise<void> {
    while (!this.stop.signal.aborted && !this.options.signal.aborted) {
      const idle = this.options.untilEnd && this.active.size === 0 && this.doneCount > 0;
      if (idle && this.doneCount >= partitionCount) return;
      const woken = new Promise<void>((resolve) => (this.wake = resolve));
      const timedOut = await Promise.race([woken.then(() => false), this.clock.sleep(LAST_CALL_MS, this.stop.signal)]);
      if (timedOut && idle && this.active.size === 0) return;
      if (timedOut && !this.options.untilEnd && this.seen.hasOthers) await this.refreshSeen();
    }
    this.drainUntilMs = this.clock.monotonicMs() + this.config.drain.timeoutMs;
    await within(this.clock, this.config.drain.timeoutMs, Promise.all(this.active.values()));
  }

  /** Gives the partitions back; a batch that does not end in time is left as a killed process would leave it. */
  private async leave(): Promise<void> {
    const leftMs = Math.max(LEAST_LEAVE_MS, this.drainUntilMs - this.clock.monotonicMs());
    const isLeft = await within(this.clock, leftMs, this.transport.leave());
    if (!isLeft)
      this.options.logger.warn('a batch did not end within drain.timeoutMs and is left; nothing committed is lost');
  }

  /** The learner counts what other instances saw, too; a failing look is no reason to stop. */
  private async refreshSeen(): Promise<void> {
    try {
      await this.seen.refresh(this.transport);
    } catch (thrown) {
      this.options.logger.warn('cannot read the progress of other instances', { reason: messageOf(thrown) });
    }
  }

  private drain(reason: string): void {
    if (this.options.health.current.state === 'running' || this.options.health.current.state === 'starting')
      this.options.health.enter('draining', reason);
    this.stop.abort();
    this.wake();
  }

  private fail(thrown: unknown): void {
    this.failure ??= thrown;
    this.options.health.fail(messageOf(thrown));
    this.options.logger.error('the run cannot go on', { reason: messageOf(thrown) });
    this.stop.abort();
    this.wake();
  }
}

import type { Config } from '../../config/schema.js';
import { SluiceError } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import type {
  AssignmentListener,
  Committed,
  Fetched,
  InputGrowth,
  InputName,
  InputOffsets,
  InputTails,
  MissingTopic,
  NewRecord,
  PartitionLease,
  ReadFrom,
  TopicReader,
  TopicRole,
  Transport,
  UnitOfWork,
} from '../../ports/transport.js';
import { NOTHING_FETCHED } from '../../ports/transport.js';
import { KEEP_ALL, LocalTransport, type RetentionSettings } from '../local/index.js';
import { silentLogger } from './logger.js';
import { MemoryLog } from './memory-log.js';

export interface MemoryTransportOptions {
  readonly application: string;
  readonly topics: Config['topics'];
  readonly clock: Clock;
  readonly logger?: Logger;
  /** The log to share with other transports; a new one by default. */
  readonly log?: MemoryLog;
  /** Default: everything is kept. */
  readonly retention?: RetentionSettings;
  /** Bytes that one record may have, as a broker would limit it; default: any number. */
  readonly recordLimit?: number;
}

/**
 * A transport over a {@link MemoryLog}, with failure switches. A second one that joins the same application takes it over,
 * and the first is fenced.
 */
export class MemoryTransport implements Transport {
  readonly log: MemoryLog;
  readonly #clock: Clock;
  readonly #inner: LocalTransport;
  /** True while polls bring nothing. */
  #isPaused = false;
  /** Every poll and commit takes this much longer. */
  #slowByMs = 0;
  /** What the next commits end with, first one first. */
  readonly #commitFailures: { readonly error: Error; readonly stands: boolean }[] = [];

  constructor({
    application,
    topics,
    clock,
    logger = silentLogger,
    log = new MemoryLog(),
    retention = KEEP_ALL,
    recordLimit = Infinity,
  }: MemoryTransportOptions) {
    this.log = log;
    this.#clock = clock;
    const settings = {
      flushEachCommit: false,
      watchEveryMs: 60_000,
      processMark: '',
      lives: () => false,
      retention,
      recordLimit,
    };
    this.#inner = new LocalTransport({ application, topics, clock, logger, store: log, ...settings });
  }

  /** Switch: the transport cannot go on. Leases abort, the listener hears of it. */
  end(error: Error = new SluiceError('kafka-failed', { why: 'switched off' })): void {
    this.#inner.fail(error);
  }

  /** Switch: the partitions were taken away. Leases abort, commits throw `fenced`. */
  abort(): void {
    this.#inner.fail(new SluiceError('fenced', { partition: 0 }));
  }

  /** Switch: polls of leases bring nothing and are not caught up. */
  pause(): void {
    this.#isPaused = true;
  }

  /** Undoes {@link pause}. */
  resume(): void {
    this.#isPaused = false;
    this.log.growth.wake();
  }

  /** Switch: every poll and commit takes `ms` longer; 0 ends it. */
  slow(ms: number): void {
    this.#slowByMs = ms;
  }

  /** Switch: the next commit does all its work, fails with this error, and leaves nothing. May be called several times. */
  failCommit(error: Error = new SluiceError('store-failed', { path: 'memory', why: 'switched to fail' })): void {
    this.#commitFailures.push({ error, stands: false });
  }

  /** Switch: the next commit stands but its answer is lost, so that it seems to have failed. */
  loseCommitAnswer(error: Error = new SluiceError('kafka-failed', { why: 'answer lost' })): void {
    this.#commitFailures.push({ error, stands: true });
  }

  othersInGroup(): Promise<readonly string[]> {
    return this.#inner.othersInGroup();
  }

  join(listener: AssignmentListener): Promise<void> {
    return this.#inner.join({
      assigned: (lease) => listener.assigned(this.#switched(lease)),
      failed: (error) => listener.failed(error),
    });
  }

  prepare(): Promise<void> {
    return this.#inner.prepare();
  }

  missingTopics(): Promise<readonly MissingTopic[]> {
    return this.#inner.missingTopics();
  }

  partitionCount(topic: TopicRole): Promise<number> {
    return this.#inner.partitionCount(topic);
  }

  grownInputs(): Promise<InputGrowth> {
    return this.#inner.grownInputs();
  }

  recordLimit(): Promise<number> {
    return this.#inner.recordLimit();
  }

  leave(): Promise<void> {
    return this.#inner.leave();
  }

  append(records: readonly NewRecord[]): Promise<void> {
    return this.#inner.append(records);
  }

  discard(topic: TopicRole, partition: number, beforeOffset: number): Promise<void> {
    return this.#inner.discard(topic, partition, beforeOffset);
  }

  publish(records: readonly NewRecord[]): Promise<void> {
    return this.#inner.publish(records);
  }

  reader(topics: readonly TopicRole[], from: ReadFrom, partition?: number): Promise<TopicReader> {
    return this.#inner.reader(topics, from, partition);
  }

  tails(): Promise<InputTails> {
    return this.#inner.tails();
  }

  committedAll(): Promise<ReadonlyMap<number, Committed>> {
    return this.#inner.committedAll();
  }

  endOffsets(topic: TopicRole): Promise<readonly number[]> {
    return this.#inner.endOffsets(topic);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  #switched(lease: PartitionLease): PartitionLease {
    let seeks = 0;
    let committing: Promise<unknown> = Promise.resolve();
    return {
      partition: lease.partition,
      signal: lease.signal,
      committed: async () => {
        await committing;
        return lease.committed();
      },
      seek: (offsets: InputOffsets) => {
        seeks++;
        return lease.seek(offsets);
      },
      poll: (input, maxBytes, waitMs) => {
        const before = seeks;
        return this.#poll(lease, input, maxBytes, waitMs, () => seeks !== before);
      },
      commit: (unit) => {
        const commit = this.#commit(lease, unit);
        committing = commit.catch(() => undefined);
        return commit;
      },
    };
  }

  async #poll(
    lease: PartitionLease,
    input: InputName,
    maxBytes: number,
    waitMs: number,
    isOvertaken: () => boolean,
  ): Promise<Fetched> {
    await this.#drag(lease.signal);
    const untilMs = this.#clock.monotonicMs() + waitMs;
    while (this.#isPaused) {
      const leftMs = untilMs - this.#clock.monotonicMs();
      if (leftMs <= 0 || lease.signal.aborted || isOvertaken()) return NOTHING_FETCHED;
      await this.log.growth.wait(leftMs, this.#clock, lease.signal);
    }
    if (isOvertaken()) return NOTHING_FETCHED;
    return lease.poll(input, maxBytes, Math.max(0, untilMs - this.#clock.monotonicMs()));
  }

  async #commit(lease: PartitionLease, unit: UnitOfWork): Promise<void> {
    await this.#drag(lease.signal);
    const failure = lease.signal.aborted ? undefined : this.#commitFailures.shift();
    this.log.failNextWrite(failure && !failure.stands ? failure.error : null);
    // The write runs before this returns its promise, so that no other write can meet the failure.
    const committed = lease.commit(unit);
    this.log.failNextWrite(null);
    await committed;
    if (failure) throw failure.error;
  }

  async #drag(signal: AbortSignal): Promise<void> {
    if (this.#slowByMs > 0) await this.#clock.sleep(this.#slowByMs, signal);
  }
}

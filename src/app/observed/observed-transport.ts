import type { Clock } from '../../ports/clock.js';
import type { Metrics } from '../../ports/metrics.js';
import type {
  AssignmentListener,
  Committed,
  InputGrowth,
  InputTails,
  MissingTopic,
  NewRecord,
  PartitionLease,
  ReadRecord,
  ReadFrom,
  TopicReader,
  TopicRole,
  Transport,
} from '../../ports/transport.js';
import { newestWhole } from './checkpoint-trail.js';
import type { ErrorCount } from './error-count.js';
import { countOutputs, ObservedLease } from './observed-lease.js';

/** Longest time between two looks at the ends of the input topics. */
const LOOK_EVERY_MS = 5_000;

/** What an observed transport records with. */
export interface Observers {
  readonly metrics: Metrics;
  readonly errors: ErrorCount;
  readonly clock: Clock;
}

/**
 * The same transport, with what goes through it recorded, whatever transport it is: records and bytes in and out,
 * commits, lags, rebalances, checkpoints and errors. What a partition exported ends once its owner is done with it.
 */
export class ObservedTransport implements Transport {
  private readonly leases = new Map<number, ObservedLease>();
  private looking: AbortController | undefined;
  /** Joins and leaves so far. */
  private stays = 0;

  constructor(
    private readonly inner: Transport,
    private readonly on: Observers,
  ) {}

  prepare(): Promise<void> {
    return this.around(() => this.inner.prepare());
  }

  missingTopics(): Promise<readonly MissingTopic[]> {
    return this.around(() => this.inner.missingTopics());
  }

  partitionCount(topic: TopicRole): Promise<number> {
    return this.around(() => this.inner.partitionCount(topic));
  }

  grownInputs(): Promise<InputGrowth> {
    return this.around(() => this.inner.grownInputs());
  }

  recordLimit(topic: TopicRole): Promise<number> {
    return this.around(() => this.inner.recordLimit(topic));
  }

  othersInGroup(): Promise<readonly string[]> {
    return this.around(() => this.inner.othersInGroup());
  }

  async join(listener: AssignmentListener): Promise<void> {
    const stay = ++this.stays;
    const count = await this.partitionCount('impressions');
    if (stay !== this.stays) return;
    this.on.metrics.gauge('sluice_input_partitions', count);
    this.on.metrics.gauge('sluice_partitions', 0);
    this.looking = new AbortController();
    void this.look(this.looking.signal);
    await this.around(() =>
      this.inner.join({
        assigned: (lease) => this.own(lease, listener),
        ailing: (what, reason) => listener.ailing?.(what, reason),
        failed: (error) => {
          this.on.errors.note(error);
          listener.failed(error);
        },
      }),
    );
  }

  leave(): Promise<void> {
    this.stays++;
    this.looking?.abort();
    return this.around(() => this.inner.leave());
  }

  async publish(records: readonly NewRecord[]): Promise<void> {
    await this.around(() => this.inner.publish(records));
    countOutputs(records, this.on.metrics);
  }

  async append(records: readonly NewRecord[]): Promise<void> {
    await this.around(() => this.inner.append(records));
    countOutputs(records, this.on.metrics);
  }

  async reader(topics: readonly TopicRole[], from: ReadFrom, partition?: number): Promise<TopicReader> {
    const reader = await this.around(() => this.inner.reader(topics, from, partition));
    return {
      poll: async (waitMs) => {
        const records = await this.around(() => reader.poll(waitMs));
        if (topics.includes('checkpoints')) this.showCheckpoints(records);
        return records;
      },
      caughtUp: (mayBeOldMs) => this.around(() => reader.caughtUp(mayBeOldMs)),
      close: () => reader.close(),
    };
  }

  tails(): Promise<InputTails> {
    return this.around(() => this.inner.tails());
  }

  committedAll(): Promise<ReadonlyMap<number, Committed>> {
    return this.around(() => this.inner.committedAll());
  }

  async discard(topic: TopicRole, partition: number, beforeOffset: number): Promise<void> {
    await this.around(async () => this.inner.discard?.(topic, partition, beforeOffset));
  }

  endOffsets(topic: TopicRole): Promise<readonly number[]> {
    return this.around(() => this.inner.endOffsets(topic));
  }

  close(): Promise<void> {
    this.stays++;
    this.looking?.abort();
    return this.inner.close();
  }

  private around<T>(work: () => Promise<T>): Promise<T> {
    return this.on.errors.around(work);
  }

  private async own(lease: PartitionLease, listener: AssignmentListener): Promise<void> {
    const { metrics, clock, errors } = this.on;
    metrics.count('sluice_rebalances_total', 1, { direction: 'taken' });
    const observed = new ObservedLease(lease, metrics, clock, errors);
    this.leases.set(lease.partition, observed);
    metrics.gauge('sluice_partitions', this.leases.size);
    try {
      await listener.assigned(observed);
    } finally {
      metrics.count('sluice_rebalances_total', 1, { direction: 'given-back' });
      // The next lease of the same partition may have begun.
      if (this.leases.get(lease.partition) === observed) {
        this.leases.delete(lease.partition);
        metrics.forget({ partition: String(lease.partition) });
        metrics.gauge('sluice_partitions', this.leases.size);
      }
    }
  }

  /** Looks at the ends of the inputs until the signal; a transport that does not answer now is asked again. */
  private async look(signal: AbortSignal): Promise<void> {
    const { clock } = this.on;
    let lookedMs = clock.monotonicMs();
    while (await clock.sleep(LOOK_EVERY_MS, signal)) {
      const sinceMs = lookedMs;
      lookedMs = clock.monotonicMs();
      if (this.leases.size === 0) continue;
      try {
        const ends = {
          impressions: await this.inner.endOffsets('impressions'),
          interactions: await this.inner.endOffsets('interactions'),
        };
        if (signal.aborted) return;
        for (const lease of this.leases.values()) lease.showLag(ends, sinceMs);
      } catch (thrown) {
        // The lags stay as they were.
        if (!signal.aborted) this.on.errors.note(thrown);
      }
    }
  }

  private showCheckpoints(records: readonly ReadRecord[]): void {
    for (const partition of new Set(records.map((record) => record.partition))) {
      const writtenMs = newestWhole(
        records.filter((record) => record.partition === partition && record.value !== null),
      );
      if (writtenMs === undefined || !this.leases.has(partition)) continue;
      this.on.metrics.gauge('sluice_checkpoint_created_seconds', writtenMs / 1000, { partition: String(partition) });
    }
  }
}

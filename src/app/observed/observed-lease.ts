import { SluiceError } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import type { Metrics } from '../../ports/metrics.js';
import {
  COUNTERS,
  INPUTS,
  OUTPUTS,
  type Committed,
  type Fetched,
  type InputName,
  type InputOffsets,
  type NewRecord,
  type PartitionLease,
  type UnitOfWork,
} from '../../ports/transport.js';
import { CheckpointTrail } from './checkpoint-trail.js';
import type { ErrorCount } from './error-count.js';
import { InputTrail } from './input-trail.js';

/** The same lease, with what goes through it recorded: a poll and a commit are each recorded as a whole. */
export class ObservedLease implements PartitionLease {
  readonly partition: number;
  readonly signal: AbortSignal;
  private readonly trails: Readonly<Record<InputName, InputTrail>> = {
    impressions: new InputTrail(),
    interactions: new InputTrail(),
  };
  private readonly checkpoints = new CheckpointTrail();
  private readonly label: { readonly partition: string };

  constructor(
    private readonly inner: PartitionLease,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
    private readonly errors: ErrorCount,
  ) {
    this.partition = inner.partition;
    this.signal = inner.signal;
    this.label = { partition: String(inner.partition) };
    this.metrics.gauge('sluice_last_commit_seconds', clock.nowMs() / 1000, this.label);
  }

  async committed(): Promise<Committed> {
    const committed = await this.errors.around(() => this.inner.committed());
    for (const input of INPUTS) this.trails[input].startAt(committed.offsets[input]);
    return committed;
  }

  async seek(offsets: InputOffsets): Promise<void> {
    await this.errors.around(() => this.inner.seek(offsets));
    for (const input of INPUTS) this.trails[input].seek(offsets[input]);
  }

  async poll(input: InputName, maxBytes: number, waitMs: number, mayBeOldMs = 0): Promise<Fetched> {
    const fetched = await this.errors.around(() => this.inner.poll(input, maxBytes, waitMs, mayBeOldMs));
    const restored = this.trails[input].fetched(fetched, this.clock.monotonicMs());
    const fresh = restored === 0 ? fetched.records : fetched.records.slice(restored);
    if (restored > 0) this.metrics.count('sluice_restored_records_total', restored);
    if (fresh.length > 0) {
      this.metrics.count('sluice_input_records_total', fresh.length, { topic: input });
      this.metrics.count('sluice_input_bytes_total', bytesOf(fresh), { topic: input });
    }
    return fetched;
  }

  async commit(unit: UnitOfWork): Promise<void> {
    const beganMs = this.clock.monotonicMs();
    try {
      await this.errors.around(() => this.inner.commit(unit));
    } catch (thrown) {
      const isFenced = thrown instanceof SluiceError && thrown.code === 'fenced';
      this.metrics.count('sluice_commits_total', 1, { result: isFenced ? 'fenced' : 'failed' });
      throw thrown;
    }
    this.record(unit, beganMs, this.clock.monotonicMs());
  }

  /** Sets the gauges of how far behind this partition is; see {@link InputTrail.lag}. */
  showLag(ends: Readonly<Record<InputName, readonly number[]>>, sinceMs: number): void {
    for (const topic of INPUTS) {
      const lag = this.trails[topic].lag(ends[topic][this.partition] ?? 0, sinceMs, this.clock.nowMs());
      if (lag === undefined) continue;
      const labels = { topic, ...this.label };
      this.metrics.gauge('sluice_input_lag_records', lag.records, labels);
      if (lag.seconds !== undefined) this.metrics.gauge('sluice_input_lag_seconds', lag.seconds, labels);
    }
  }

  private record(unit: UnitOfWork, beganMs: number, endedMs: number): void {
    const { metrics, label } = this;
    metrics.count('sluice_commits_total', 1, { result: 'committed' });
    metrics.observe('sluice_commit_seconds', (endedMs - beganMs) / 1000);
    metrics.gauge('sluice_last_commit_seconds', this.clock.nowMs() / 1000, label);
    const moved = INPUTS.map((input) => this.trails[input].committed(unit.offsets[input]));
    const passed = moved.reduce((sum, each) => sum + each.passed, 0);
    const arrivedMs = Math.min(...moved.map((each) => each.arrivedMs));
    if (passed > 0) metrics.observe('sluice_batch_records', passed);
    if (arrivedMs !== Infinity) metrics.observe('sluice_batch_seconds', (endedMs - arrivedMs) / 1000);
    countOutputs(unit.records, metrics);
    const checkpoint = this.checkpoints.committed(unit.records, beganMs, endedMs);
    if (checkpoint === undefined) return;
    metrics.observe('sluice_checkpoint_seconds', checkpoint.seconds);
    metrics.gauge('sluice_checkpoint_bytes', checkpoint.bytes, label);
    metrics.gauge('sluice_checkpoint_created_seconds', this.clock.nowMs() / 1000, label);
  }
}

/** Counts the records of the output topics, and their bytes. */
export function countOutputs(records: readonly NewRecord[], metrics: Pick<Metrics, 'count'>): void {
  for (const topic of [...OUTPUTS, COUNTERS] as const) {
    const written = records.filter((record) => record.topic === topic);
    if (written.length === 0) continue;
    metrics.count('sluice_output_records_total', written.length, { topic });
    metrics.count('sluice_output_bytes_total', bytesOf(written), { topic });
  }
}

function bytesOf(records: readonly { readonly value: Uint8Array | null }[]): number {
  return records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
}

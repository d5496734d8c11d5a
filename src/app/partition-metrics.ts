import type { Partition } from '../pipeline/partition.js';
import { COUNT_NAMES, COUNTS, type Counts } from '../pipeline/progress/counts.js';
import type { Logger } from '../ports/logger.js';
import type { Metrics } from '../ports/metrics.js';
import { BudgetWatch } from './budget-watch.js';

/** Counters that are counts of the progress record. */
const COUNTERS = COUNTS.flatMap(({ name, metric }) =>
  metric ? [{ count: name, metric: metric[0], labels: metric[1] }] : [],
);

/** Records what a partition's commits did and what it holds; looks at it from outside, once a unit of work. */
export class PartitionMetrics {
  private readonly before: Counts;
  private raisesBefore: number;
  private readonly budget: BudgetWatch;
  private readonly labels: { readonly partition: string };

  /** @param partition as it was restored: what it counted before is not counted again */
  /** Every series is there from the first unit on, at 0. */
  private isFirst = true;

  constructor(
    private readonly metrics: Metrics,
    logger: Logger,
    partitionNumber: number,
    private readonly partition: Partition,
  ) {
    this.before = { ...partition.counts };
    this.raisesBefore = partition.reorder.raiseCount;
    this.budget = new BudgetWatch(logger, metrics, partitionNumber);
    this.labels = { partition: String(partitionNumber) };
  }

  /** Records the unit of work that was committed last. */
  committed(nowMs: number): void {
    const { metrics, before, partition, labels } = this;
    const { counts, reorder } = partition;
    this.budget.observe(before, counts);
    for (const { metric, count, labels } of COUNTERS) {
      const by = counts[count] - before[count];
      if (by !== 0 || this.isFirst) metrics.count(metric, by, labels);
    }
    this.isFirst = false;
    metrics.count('sluice_forced_advances_total', reorder.raiseCount - this.raisesBefore);
    this.raisesBefore = reorder.raiseCount;
    for (const name of COUNT_NAMES) before[name] = counts[name];

    metrics.gauge('sluice_order_waiting_records', reorder.waitingCount, labels);
    metrics.gauge('sluice_order_waiting_bytes', reorder.waitingBytes, labels);
    metrics.gauge('sluice_order_waiting_seconds', reorder.waitingSpanMs / 1000, labels);
    metrics.gauge('sluice_order_held_records', reorder.heldCount, labels);
    metrics.gauge('sluice_open_impressions', partition.state.join.openCount, labels);
    metrics.gauge('sluice_pending_interactions', partition.state.pending.size, labels);
    if (Number.isFinite(reorder.watermarkMs))
      metrics.gauge('sluice_watermark_lag_seconds', (nowMs - reorder.watermarkMs) / 1000, labels);
    if (partition.lnMu !== null) metrics.gauge('sluice_selection_threshold', Math.exp(partition.lnMu), labels);
    const eligible = counts.samplesSeen - counts.samplesAudit;
    if (eligible === 0) return;
    metrics.gauge('sluice_weight_sum_ratio', counts.weightSum / eligible, labels);
    metrics.gauge('sluice_kept_fraction', counts.samplesKept / eligible, labels);
  }
}

import type { Partition } from '../pipeline/partition.js';
import { COUNT_NAMES, type Counts } from '../pipeline/progress/counts.js';
import type { Logger } from '../ports/logger.js';
import type { Metrics } from '../ports/metrics.js';
import { BudgetWatch } from './budget-watch.js';
import type { PlacementWatch } from './placement-watch.js';

/** Counters that are counts of the progress record: metric, count, labels. */
const COUNTERS: readonly (readonly [metric: string, count: keyof Counts, labels?: Readonly<Record<string, string>>])[] =
  [
    ['sluice_impressions_total', 'impressionsRead', { fate: 'read' }],
    ['sluice_impressions_total', 'impressionsDuplicate', { fate: 'duplicate' }],
    ['sluice_impressions_total', 'impressionsDeadLettered', { fate: 'dead-lettered' }],
    ['sluice_interactions_total', 'interactionsRead', { fate: 'read' }],
    ['sluice_interactions_total', 'interactionsJoined', { fate: 'joined' }],
    ['sluice_interactions_total', 'interactionsUnmatched', { fate: 'unmatched' }],
    ['sluice_interactions_total', 'interactionsLate', { fate: 'late' }],
    ['sluice_interactions_total', 'interactionsDuplicate', { fate: 'duplicate' }],
    ['sluice_interactions_total', 'interactionsDeadLettered', { fate: 'dead-lettered' }],
    ['sluice_samples_total', 'samplesKept', { fate: 'kept' }],
    ['sluice_samples_total', 'samplesAudit', { fate: 'audit' }],
    ['sluice_samples_total', 'samplesDropped', { fate: 'dropped' }],
    ['sluice_positive_samples_total', 'samplesPositive'],
    ['sluice_predicted_samples_total', 'predicted'],
    ['sluice_predicted_positive_samples_total', 'predictedPositive'],
    ['sluice_predicted_probability_total', 'predictedSum'],
    ['sluice_predicted_log_loss_nats_total', 'predictedLogLoss'],
    ['sluice_caught_interactions_total', 'caughtBySessionRate', { rule: 'session-rate' }],
    ['sluice_caught_interactions_total', 'caughtByImpossibleDwell', { rule: 'impossible-dwell' }],
    ['sluice_caught_interactions_total', 'caughtByClickEverything', { rule: 'click-everything' }],
    ['sluice_diverted_interactions_total', 'interactionsDiverted'],
    ['sluice_flagged_samples_total', 'flaggedSessionRate', { flag: 'session-rate' }],
    ['sluice_flagged_samples_total', 'flaggedImpossibleDwell', { flag: 'impossible-dwell' }],
    ['sluice_flagged_samples_total', 'flaggedClickEverything', { flag: 'click-everything' }],
    ['sluice_flagged_samples_total', 'flaggedContradicted', { flag: 'contradicted' }],
    ['sluice_contradictions_total', 'contradictions'],
    ['sluice_impossible_interactions_total', 'impossibleOtherSession', { reason: 'other-session' }],
    ['sluice_impossible_interactions_total', 'impossibleOtherItem', { reason: 'other-item' }],
    ['sluice_impossible_interactions_total', 'impossibleBeforeShown', { reason: 'before-shown' }],
    ['sluice_ignored_values_total', 'valuesIgnored'],
    ['sluice_identifying_ids_total', 'identifyingIds'],
    ['sluice_closed_early_total', 'closedEarly'],
    ['sluice_misplaced_records_total', 'listsMisplaced', { input: 'impressions' }],
    ['sluice_misplaced_records_total', 'interactionsMisplaced', { input: 'interactions' }],
  ];

/** Records what a partition's commits did and what it holds; looks at it from outside, once a unit of work. */
export class PartitionMetrics {
  private readonly before: Counts;
  private raisesBefore: number;
  private readonly budget: BudgetWatch;
  private readonly labels: { readonly partition: string };

  /**
   * @param partition as it was restored: what it counted before is not counted again
   * @param placement of the run, whatever partition it is
   */
  constructor(
    private readonly metrics: Metrics,
    logger: Logger,
    partitionNumber: number,
    private readonly partition: Partition,
    private readonly placement: Pick<PlacementWatch, 'observe'>,
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
    this.placement.observe(before, counts);
    for (const [metric, count, labelSet] of COUNTERS) metrics.count(metric, counts[count] - before[count], labelSet);
    metrics.count('sluice_forced_advances_total', reorder.raiseCount - this.raisesBefore);
    this.raisesBefore = reorder.raiseCount;
    for (const name of COUNT_NAMES) before[name] = counts[name];

    metrics.gauge('sluice_order_waiting_records', reorder.waitingCount, labels);
    metrics.gauge('sluice_order_waiting_bytes', reorder.waitingBytes, labels);
    metrics.gauge('sluice_order_waiting_seconds', reorder.waitingSpanMs / 1000, labels);
    metrics.gauge('sluice_open_impressions', partition.state.join.open.openCount, labels);
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

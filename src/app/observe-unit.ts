import { tap, type Observable } from 'rxjs';
import type { Partition } from '../pipeline/partition.js';
import { COUNT_NAMES, type Counts } from '../pipeline/progress/counts.js';
import type { Metrics } from '../ports/metrics.js';

/** Watches units from outside: the stages know nothing of it. */
export function observeUnit(units$: Observable<Partition>, afterCommit: () => void): Observable<Partition> {
  return units$.pipe(tap(afterCommit));
}

/** Sets the metrics of a partition after a commit; `before` holds the counts as of the last call and is moved on. */
export function partitionGauges(
  metrics: Metrics,
  partitionNumber: number,
  partition: Partition,
  before: Counts,
  nowMs: number,
): void {
  const partitionLabel = { partition: String(partitionNumber) };
  const { counts, state, reorder } = partition;
  const since = (name: keyof Counts): number => counts[name] - before[name];
  metrics.count('sluice_impressions_total', since('impressionsRead'), { fate: 'read' });
  metrics.count('sluice_impressions_total', since('impressionsDuplicate'), { fate: 'duplicate' });
  metrics.count('sluice_impressions_total', since('impressionsDeadLettered'), { fate: 'dead-lettered' });
  metrics.count('sluice_interactions_total', since('interactionsRead'), { fate: 'read' });
  metrics.count('sluice_interactions_total', since('interactionsJoined'), { fate: 'joined' });
  metrics.count('sluice_interactions_total', since('interactionsUnmatched'), { fate: 'unmatched' });
  metrics.count('sluice_interactions_total', since('interactionsLate'), { fate: 'late' });
  metrics.count('sluice_interactions_total', since('interactionsDuplicate'), { fate: 'duplicate' });
  metrics.count('sluice_interactions_total', since('interactionsDeadLettered'), { fate: 'dead-lettered' });
  metrics.count('sluice_samples_total', since('samplesKept'), { fate: 'kept' });
  metrics.count('sluice_samples_total', since('samplesAudit'), { fate: 'audit' });
  metrics.count('sluice_samples_total', since('samplesDropped'), { fate: 'dropped' });
  metrics.count('sluice_positive_samples_total', since('samplesPositive'));
  metrics.count('sluice_caught_interactions_total', since('caughtBySessionRate'), { rule: 'session-rate' });
  metrics.count('sluice_caught_interactions_total', since('caughtByImpossibleDwell'), { rule: 'impossible-dwell' });
  metrics.count('sluice_caught_interactions_total', since('caughtByClickEverything'), { rule: 'click-everything' });
  metrics.count('sluice_diverted_interactions_total', since('interactionsDiverted'));
  metrics.count('sluice_flagged_samples_total', since('flaggedSessionRate'), { flag: 'session-rate' });
  metrics.count('sluice_flagged_samples_total', since('flaggedImpossibleDwell'), { flag: 'impossible-dwell' });
  metrics.count('sluice_flagged_samples_total', since('flaggedClickEverything'), { flag: 'click-everything' });
  metrics.count('sluice_flagged_samples_total', since('flaggedContradicted'), { flag: 'contradicted' });
  metrics.count('sluice_contradictions_total', since('contradictions'));
  metrics.count('sluice_closed_early_total', since('closedEarly'));
  metrics.gauge('sluice_open_impressions', state.join.open.openCount, partitionLabel);
  metrics.gauge('sluice_pending_interactions', state.pending.size, partitionLabel);
  if (Number.isFinite(reorder.watermarkMs))
    metrics.gauge('sluice_watermark_lag_seconds', (nowMs - reorder.watermarkMs) / 1000, partitionLabel);
  const eligible = counts.samplesSeen - counts.samplesAudit;
  if (eligible > 0) metrics.gauge('sluice_weight_sum_ratio', counts.weightSum / eligible, partitionLabel);
  if (partition.lnMu !== null) metrics.gauge('sluice_selection_threshold', Math.exp(partition.lnMu), partitionLabel);
  if (eligible > 0) metrics.gauge('sluice_kept_fraction', counts.samplesKept / eligible, partitionLabel);
  if (counts.predictedPositive > 0)
    metrics.gauge('sluice_champion_calibration_ratio', counts.predictedSum / counts.predictedPositive, partitionLabel);
  for (const name of COUNT_NAMES) before[name] = counts[name];
}

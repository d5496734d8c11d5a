import type { Metrics } from '../../ports/metrics.js';
import type { Interval, Proved } from './proof.js';

/** Records a proof as metrics: the policies, and the difference with its bounds. */
export function recordProof(metrics: Metrics, { auc, normalisedEntropy, rows, positives }: Proved): void {
  for (const policy of ['curated', 'uniform', 'champion'] as const) {
    const [ofAuc, ofEntropy] = [auc[policy], normalisedEntropy[policy]];
    if (ofAuc !== null) metrics.gauge('sluice_curation_auc', ofAuc, { policy });
    if (ofEntropy !== null) metrics.gauge('sluice_curation_normalised_entropy', ofEntropy, { policy });
  }
  for (const [bound, value] of Object.entries(auc.difference satisfies Interval) as [keyof Interval, number][]) {
    metrics.gauge('sluice_curation_auc_difference', value, { bound });
    metrics.gauge('sluice_curation_normalised_entropy_difference', normalisedEntropy.difference[bound], { bound });
  }
  metrics.gauge('sluice_curation_rows', rows);
  metrics.gauge('sluice_curation_positives', positives);
}

import type { Metrics } from '../ports/metrics.js';
import type { Evaluation, SnapshotManifest } from '../snapshot/manifest.js';

/** Gauges of what a threshold decides. */
const DECIDED = {
  accuracy: 'sluice_audit_accuracy_fraction',
  precision: 'sluice_audit_precision_fraction',
  recall: 'sluice_audit_recall_fraction',
  f1: 'sluice_audit_f1_fraction',
} as const;

/** Label value of the metrics over all surfaces. */
const ALL_SURFACES = 'ALL';

/** Shows the fits of a learner as 0 before its first, by result. */
export function beginFits(metrics: Metrics, learner: string): void {
  for (const result of ['promoted', 'kept', 'refused', 'failed'])
    metrics.count('sluice_fits_total', 0, { learner, result });
}

/** Records one published fit as metrics: its result, its duration, and both models on the audit slice. */
export function recordFit(metrics: Metrics, { learner, fitMs, decision, metrics: judged }: SnapshotManifest): void {
  metrics.count('sluice_fits_total', 1, { learner, result: decision.outcome === 'promoted' ? 'promoted' : 'kept' });
  metrics.observe('sluice_fit_seconds', fitMs / 1000, { learner });
  recordEvaluation(metrics, 'candidate', judged.candidate);
  recordEvaluation(metrics, 'champion', judged.champion);
}

function recordEvaluation(metrics: Metrics, role: string, evaluation: Evaluation | null): void {
  if (evaluation === null) return;
  for (const [surface, of] of [[ALL_SURFACES, evaluation.overall] as const, ...Object.entries(evaluation.surfaces)]) {
    const labels = { role, surface };
    if (of.normalisedEntropy !== null)
      metrics.gauge('sluice_audit_normalised_entropy_ratio', of.normalisedEntropy, labels);
    if (of.auc !== null) metrics.gauge('sluice_audit_auc_fraction', of.auc, labels);
    if (of.calibration !== null) metrics.gauge('sluice_audit_calibration_ratio', of.calibration, labels);
    for (const decision of ['accuracy', 'precision', 'recall', 'f1'] as const)
      if (of[decision] !== null) metrics.gauge(DECIDED[decision], of[decision], labels);
    if (of.expectedCalibrationError !== null)
      metrics.gauge('sluice_audit_expected_calibration_error', of.expectedCalibrationError, labels);
  }
}

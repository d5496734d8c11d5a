import { PROOF_METRICS } from './proof-metrics.js';

/**
 * The one metric table. A metric that is not declared here cannot be recorded, so the table, `docs/reference/metrics.md`, the
 * dashboard and the alerts speak the same names. Units are in the names (`_seconds`, `_bytes`, `_fraction`); counters end
 * in `_total`; lags and windows are in seconds because Prometheus counts in seconds.
 */
export type MetricType = 'counter' | 'gauge' | 'histogram';

export interface MetricEntry {
  readonly type: MetricType;
  readonly help: string;
  readonly labels?: readonly string[];
  /** Upper bounds of the histogram's buckets, in the unit of the name. */
  readonly buckets?: readonly number[];
}

/** From half a millisecond to a minute: a batch, a commit, an inference. */
const SHORT_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const;
/** From a second to half an hour: a fit, a restore. */
const LONG_SECONDS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800] as const;

export const METRICS = {
  // input and join
  sluice_impressions_total: {
    type: 'counter',
    help: 'Impressions by fate: read, duplicate, dead-lettered. Counted one by one, not by list.',
    labels: ['fate'],
  },
  sluice_interactions_total: {
    type: 'counter',
    help: 'Interactions by fate: read, duplicate, joined, unmatched, late, dead-lettered.',
    labels: ['fate'],
  },
  sluice_dead_letters_total: {
    type: 'counter',
    help: 'Input that can never succeed, by error code and stage.',
    labels: ['code', 'stage'],
  },
  sluice_input_bytes_total: { type: 'counter', help: 'Bytes of input values read, by topic role.', labels: ['topic'] },
  sluice_output_records_total: { type: 'counter', help: 'Records committed, by topic role.', labels: ['topic'] },
  sluice_open_impressions: {
    type: 'gauge',
    help: 'Impressions whose attribution window is open.',
    labels: ['partition'],
  },
  sluice_pending_interactions: {
    type: 'gauge',
    help: 'Interactions that wait for their impression.',
    labels: ['partition'],
  },
  sluice_closed_early_total: {
    type: 'counter',
    help: 'Impressions closed before their window ended because join.maxOpenImpressions was reached.',
  },
  sluice_forced_advances_total: {
    type: 'counter',
    help: 'Times the merge of the two topics went on although one of them might still have had earlier events (join.idleTimeoutMs, join.maxReorderBytes); recorded, so that a restart repeats them.',
  },
  sluice_idle_advances_total: {
    type: 'counter',
    help: 'Times the watermark moved with the wall clock because a partition was idle.',
  },
  sluice_watermark_lag_seconds: { type: 'gauge', help: 'Wall clock minus watermark.', labels: ['partition'] },
  sluice_input_lag_seconds: {
    type: 'gauge',
    help: 'Wall clock minus the event time of the newest record processed.',
    labels: ['partition'],
  },
  sluice_input_lag_records: {
    type: 'gauge',
    help: 'Records between the last committed offset and the end of the topic.',
    labels: ['topic', 'partition'],
  },
  // samples and selection
  sluice_samples_total: {
    type: 'counter',
    help: 'Samples by fate: kept, audit, dropped.',
    labels: ['fate'],
  },
  sluice_positive_samples_total: {
    type: 'counter',
    help: 'Samples whose label is 1.',
  },
  sluice_kept_fraction: {
    type: 'gauge',
    help: 'Share of the samples outside the audit slice that were kept, since the application began; should hold selection.budget.',
    labels: ['partition'],
  },
  sluice_budget_fraction: { type: 'gauge', help: 'selection.budget as configured.' },
  sluice_budget_to_click_rate_ratio: {
    type: 'gauge',
    help: 'Share of samples kept / share with label 1, moving average: 5 and more is comfortable, below 2 the budget cannot carry the click rate.',
    labels: ['partition'],
  },
  sluice_selection_threshold: {
    type: 'gauge',
    help: 'μ of the budget controller: the importance that is kept for certain.',
    labels: ['partition'],
  },
  sluice_weight_sum_ratio: {
    type: 'gauge',
    help: 'Σ importance weights of kept samples / samples seen outside the audit slice; 1 when the inclusion probabilities are honest.',
    labels: ['partition'],
  },
  sluice_champion_calibration_ratio: {
    type: 'gauge',
    help: 'Σ predictions / Σ labels over every sample predicted; 1 is calibrated.',
    labels: ['partition'],
  },
  sluice_champion_expected_calibration_error: {
    type: 'gauge',
    help: 'Expected calibration error of the champions over the newest 10,000 audit samples, each predicted before its outcome was known; 15 bins of equal mass. Chance alone gives up to about sqrt(10·click rate / samples).',
  },
  sluice_champion_log_loss: {
    type: 'gauge',
    help: 'Log loss of the champion over every sample before it learned from it, moving average, nats.',
    labels: ['surface'],
  },
  sluice_champion_normalised_entropy_ratio: {
    type: 'gauge',
    help: 'Log loss of the champion / entropy of the base rate; below 1 is better than guessing the base rate.',
    labels: ['surface'],
  },
  sluice_click_rate_fraction: {
    type: 'gauge',
    help: 'Share of samples with label 1, moving average.',
    labels: ['surface'],
  },
  // label quality
  sluice_caught_interactions_total: {
    type: 'counter',
    help: 'Interactions that a rule on conduct caught, by rule; one may be caught by several.',
    labels: ['rule'],
  },
  sluice_diverted_interactions_total: {
    type: 'counter',
    help: 'Caught interactions that joined nothing and became dead letters.',
  },
  sluice_flagged_samples_total: {
    type: 'counter',
    help: 'Samples by flag, kept or not; one may have several.',
    labels: ['flag'],
  },
  sluice_contradictions_total: {
    type: 'counter',
    help: 'Samples whose label every committee member held to be all but impossible (quality.contradicted.maxLabelProbability).',
  },
  // pipeline
  sluice_stage_seconds: {
    type: 'histogram',
    help: 'Time of one stage for one batch.',
    labels: ['stage'],
    buckets: SHORT_SECONDS,
  },
  sluice_stage_records_total: {
    type: 'counter',
    help: 'Records through a stage by direction: received, sent, dropped, failed.',
    labels: ['stage', 'direction'],
  },
  sluice_batch_seconds: {
    type: 'histogram',
    help: 'Time of one unit of work from first record to commit.',
    buckets: SHORT_SECONDS,
  },
  sluice_batch_records: {
    type: 'histogram',
    help: 'Input records in one unit of work.',
    buckets: [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000],
  },
  sluice_commit_seconds: {
    type: 'histogram',
    help: 'Time of one transaction: outputs, offsets and progress.',
    buckets: SHORT_SECONDS,
  },
  sluice_commits_total: {
    type: 'counter',
    help: 'Transactions by result: committed, fenced, failed.',
    labels: ['result'],
  },
  // state
  sluice_partitions: { type: 'gauge', help: 'Partitions this instance owns.' },
  sluice_rebalances_total: { type: 'counter', help: 'Partitions taken or given back.', labels: ['direction'] },
  sluice_checkpoint_seconds: { type: 'histogram', help: 'Time to write one checkpoint.', buckets: SHORT_SECONDS },
  sluice_checkpoint_bytes: { type: 'gauge', help: 'Compressed size of the newest checkpoint.', labels: ['partition'] },
  sluice_checkpoint_age_seconds: {
    type: 'gauge',
    help: 'Time since the newest checkpoint: what a restart re-reads.',
    labels: ['partition'],
  },
  sluice_restore_seconds: {
    type: 'histogram',
    help: 'Time from assignment of a partition to its first new record.',
    buckets: LONG_SECONDS,
  },
  sluice_restored_records_total: { type: 'counter', help: 'Records re-read in silence by restores.' },
  sluice_transport_restarts_total: {
    type: 'counter',
    help: 'Restarts of the transport by its watchdog; at transport.maxRestarts the process ends.',
  },
  // encoder
  sluice_encoder_texts_total: {
    type: 'counter',
    help: 'Texts embedded by where the vector came from: memory, disk, model.',
    labels: ['source'],
  },
  sluice_vector_store_failures_total: {
    type: 'counter',
    help: 'Failures of the vector cache on disk (disk full, say); after one it is not used until the next start.',
  },
  sluice_encoder_seconds: { type: 'histogram', help: 'Time to embed the texts of one batch.', buckets: SHORT_SECONDS },
  // learning
  sluice_fits_total: {
    type: 'counter',
    help: 'Fits by learner and result: promoted, kept, refused, failed.',
    labels: ['learner', 'result'],
  },
  sluice_fit_seconds: {
    type: 'histogram',
    help: 'Time of one fit in its worker thread.',
    labels: ['learner'],
    buckets: LONG_SECONDS,
  },
  sluice_reservoir_rows: { type: 'gauge', help: 'Kept samples the learner holds.' },
  sluice_learner_skipped_rows_total: {
    type: 'counter',
    help: 'Rows of the training and audit topics that the learner cannot use, by reason: feature-set, columns, malformed, undecodable.',
    labels: ['reason'],
  },
  sluice_samples_since_fit: {
    type: 'gauge',
    help: 'Samples since the last fit; retrain.everySamples triggers the next.',
  },
  sluice_audit_normalised_entropy_ratio: {
    type: 'gauge',
    help: 'Normalised entropy on the audit slice at the last evaluation: role champion or candidate.',
    labels: ['role', 'surface'],
  },
  sluice_audit_auc_fraction: {
    type: 'gauge',
    help: 'Area under the ROC curve on the audit slice at the last evaluation.',
    labels: ['role', 'surface'],
  },
  sluice_audit_calibration_ratio: {
    type: 'gauge',
    help: 'Σ predictions / Σ labels on the audit slice at the last evaluation.',
    labels: ['role', 'surface'],
  },
  sluice_audit_expected_calibration_error: {
    type: 'gauge',
    help: 'Expected calibration error on the audit slice at the last evaluation: mean distance between predicted and observed rate over 15 bins of equal mass. Chance alone gives up to about sqrt(10·click rate / samples).',
    labels: ['role', 'surface'],
  },
  ...PROOF_METRICS,
  sluice_drift_alarms_total: {
    type: 'counter',
    help: 'Drift detections on the log loss of the champion.',
    labels: ['detector'],
  },
  sluice_snapshot_info: { type: 'gauge', help: '1 for the snapshot that scores now.', labels: ['version', 'learner'] },
  sluice_champion_changes_total: { type: 'counter', help: 'Times another snapshot became champion in this process.' },
  sluice_champion_created_seconds: {
    type: 'gauge',
    help: 'When the champion was created, Unix time; its age is time() minus this.',
  },
  sluice_snapshots_refused_total: {
    type: 'counter',
    help: 'Snapshots refused for checksum, feature set or form, by error code.',
    labels: ['code'],
  },
  // the application itself
  sluice_run_state: {
    type: 'gauge',
    help: '1 for the state the run is in: starting, running, draining, stopped, failed.',
    labels: ['state'],
  },
  sluice_errors_total: { type: 'counter', help: 'Errors by code of the error table.', labels: ['code'] },
  sluice_worker_restarts_total: {
    type: 'counter',
    help: 'Worker threads that ended and were started again.',
    labels: ['worker'],
  },
} as const satisfies Record<string, MetricEntry>;

export type MetricName = keyof typeof METRICS;

/** The declaration of a metric; undefined when the table has none of that name. */
export function metricEntry(name: string): MetricEntry | undefined {
  return Object.hasOwn(METRICS, name) ? METRICS[name as MetricName] : undefined;
}

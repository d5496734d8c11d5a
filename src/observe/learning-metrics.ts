import { ERRORS } from '../errors.js';
import { SURFACES } from '../events/words.js';
import { ANY, LONG_SECONDS, metrics, SHORT_SECONDS } from './metric-entry.js';

const JUDGED = { role: ['champion', 'candidate'], surface: ['ALL', ...SURFACES] } as const;

/** Metrics of the encoder, of fits and of snapshots. */
export const LEARNING_METRICS = metrics({
  sluice_encoder_texts_total: {
    type: 'counter',
    help: 'Texts embedded, by where the vector came from.',
    labels: { source: ['memory', 'disk', 'model'] },
  },
  sluice_encoder_tokens_total: {
    type: 'counter',
    help: 'Tokens of the texts that the model embedded, by whether its vocabulary knows them.',
    labels: { vocabulary: ['known', 'unknown'] },
  },
  sluice_vector_store_failures_total: {
    type: 'counter',
    help: 'Failures of the vector cache on disk (disk full, say); after one it is not used until the next start.',
  },
  sluice_encoder_seconds: { type: 'histogram', help: 'Time to embed the texts of one batch.', buckets: SHORT_SECONDS },
  sluice_fits_total: {
    type: 'counter',
    help: 'Fits by learner and result.',
    labels: { learner: ANY, result: ['promoted', 'kept', 'refused', 'failed'] },
  },
  sluice_fit_seconds: {
    type: 'histogram',
    help: 'Time of one fit in its worker thread.',
    labels: { learner: ANY },
    buckets: LONG_SECONDS,
  },
  sluice_reservoir_rows: { type: 'gauge', help: 'Kept samples the learner holds.' },
  sluice_pool_rows: { type: 'gauge', help: 'Samples in the pool of the learner, kept or not.' },
  sluice_pool_bytes: { type: 'gauge', help: 'Bytes of these samples in memory; retrain.reservoirBytes bounds them.' },
  sluice_learner_skipped_rows_total: {
    type: 'counter',
    help: 'Rows of the training, audit and pool topics that the learner cannot use, by reason.',
    labels: { reason: ['feature-set', 'columns', 'malformed', 'undecodable'] },
  },
  sluice_shared_sample_ids_total: {
    type: 'counter',
    help: 'Samples whose sampleId a sample of another session has, too, among the newest that the learner has read.',
  },
  sluice_samples_since_fit: {
    type: 'gauge',
    help: 'Samples since the last fit; retrain.everySamples triggers the next.',
  },
  sluice_audit_normalised_entropy_ratio: {
    type: 'gauge',
    help: 'Normalised entropy on the audit slice at the last evaluation.',
    labels: JUDGED,
  },
  sluice_audit_auc_fraction: {
    type: 'gauge',
    help: 'Area under the ROC curve on the audit slice at the last evaluation.',
    labels: JUDGED,
  },
  sluice_audit_calibration_ratio: {
    type: 'gauge',
    help: 'Σ predictions / Σ labels on the audit slice at the last evaluation.',
    labels: JUDGED,
  },
  sluice_audit_expected_calibration_error: {
    type: 'gauge',
    help: 'Expected calibration error on the audit slice at the last evaluation: mean distance between predicted and observed rate over 15 bins of equal mass. Chance alone gives up to about sqrt(10·click rate / samples).',
    labels: JUDGED,
  },
  sluice_audit_accuracy_fraction: {
    type: 'gauge',
    help: 'Share of samples told right on the newer half of the audit slice at the last evaluation, at the threshold that maximises F1 on the older half.',
    labels: JUDGED,
  },
  sluice_audit_precision_fraction: {
    type: 'gauge',
    help: 'Share of positives among those told positive on the newer half of the audit slice at the last evaluation, at the threshold that maximises F1 on the older half.',
    labels: JUDGED,
  },
  sluice_audit_recall_fraction: {
    type: 'gauge',
    help: 'Share of positives told positive on the newer half of the audit slice at the last evaluation, at the threshold that maximises F1 on the older half.',
    labels: JUDGED,
  },
  sluice_audit_f1_fraction: {
    type: 'gauge',
    help: 'Harmonic mean of precision and recall on the newer half of the audit slice at the last evaluation, at the threshold that maximises F1 on the older half.',
    labels: JUDGED,
  },
  sluice_drift_alarms_total: {
    type: 'counter',
    help: 'Drift of a champion on the audit slice: the mean of its log loss or residual (clicks minus predictions) went up or down.',
    labels: { signal: ['log-loss', 'residual'], direction: ['up', 'down'], surface: [...SURFACES] },
  },
  sluice_snapshot_info: {
    type: 'gauge',
    help: '1 for the snapshot that scores now; none before the first.',
    labels: { version: ANY, learner: ANY },
  },
  sluice_champion_changes_total: { type: 'counter', help: 'Times another snapshot became champion in this process.' },
  sluice_champion_created_seconds: {
    type: 'gauge',
    help: 'When the champion was created, Unix time; its age is time() minus this. None before the first.',
  },
  sluice_snapshots_refused_total: {
    type: 'counter',
    help: 'Snapshots refused for checksum, feature set or form, by error code.',
    labels: { code: Object.keys(ERRORS) },
    begins: [{ code: 'snapshot-refused' }],
  },
});

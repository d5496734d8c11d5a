import { metrics } from './metric-entry.js';

/** Metrics of the live proof, a part of the metric table. */
export const PROOF_METRICS = metrics({
  sluice_curation_auc: {
    type: 'gauge',
    help: 'Live proof (docs/why/proof.md): area under the ROC curve, on audit samples, of the same learner trained on as many rows of either policy, curated or uniform; champion: the snapshot that scores now.',
    labels: { policy: ['curated', 'uniform', 'champion'] },
  },
  sluice_curation_normalised_entropy: {
    type: 'gauge',
    help: 'Live proof: normalised entropy, the same way.',
    labels: { policy: ['curated', 'uniform', 'champion'] },
  },
  sluice_curation_auc_difference: {
    type: 'gauge',
    help: 'Live proof: curated minus uniform, by bound: mean, and lower and upper end of the 95 % interval. An upper end below 0: curated is significantly worse.',
    labels: { bound: ['mean', 'lower', 'upper'] },
  },
  sluice_curation_normalised_entropy_difference: {
    type: 'gauge',
    help: 'Live proof: curated minus uniform, by bound: mean, lower, upper. A lower end above 0: curated is significantly worse.',
    labels: { bound: ['mean', 'lower', 'upper'] },
  },
  sluice_curation_rows: { type: 'gauge', help: 'Live proof: rows that each of its models was trained on.' },
  sluice_curation_positives: {
    type: 'gauge',
    help: 'Live proof: positive audit samples that its models were judged on.',
  },
  sluice_proofs_total: {
    type: 'counter',
    help: 'Live proofs by result.',
    labels: { result: ['better', 'worse', 'no-difference', 'not-enough-data', 'failed'] },
  },
  sluice_proof_seconds: {
    type: 'histogram',
    help: 'Time of one live proof, in the background.',
    buckets: [1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800],
  },
});

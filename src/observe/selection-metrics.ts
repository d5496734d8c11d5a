import { RULE_NAMES } from '../conduct/rules.js';
import { SAMPLE_FLAGS } from '../events/flags.js';
import { ANY, metrics } from './metric-entry.js';

/** Metrics of samples, selection, the champion's predictions on the stream, and label quality. */
export const SELECTION_METRICS = metrics({
  sluice_samples_total: {
    type: 'counter',
    help: 'Samples by fate. Each has one: their sum is the samples seen.',
    labels: { fate: ['kept', 'audit', 'dropped'] },
  },
  sluice_pooled_samples_total: {
    type: 'counter',
    help: 'Samples given to the pool of the learner, kept or not; over the samples seen, its budget.',
  },
  sluice_positive_samples_total: {
    type: 'counter',
    help: 'Samples whose label is 1; over the samples seen, the click rate.',
  },
  sluice_late_positives_total: {
    type: 'counter',
    help: 'Samples whose first interaction at the goal came after their label was final at 0, by how long after the end of the window it was done; over them and sluice_positive_samples_total, the share of positives that come late.',
    labels: { within: ['1h', '6h', '24h', 'later'] },
  },
  sluice_kept_fraction: {
    type: 'gauge',
    help: 'Share of the samples outside the audit slice that were kept, since the application began; should hold selection.budget.',
    labels: { partition: ANY },
  },
  sluice_budget_fraction: { type: 'gauge', help: 'selection.budget as configured.' },
  sluice_budget_to_click_rate_ratio: {
    type: 'gauge',
    help: 'Share of samples kept / share with label 1, moving average over some 50,000 samples, from 5,000 on: 5 and more is comfortable, below 2 the budget cannot carry the click rate.',
    labels: { partition: ANY },
  },
  sluice_selection_threshold: {
    type: 'gauge',
    help: 'μ of the budget controller: the importance that is kept for certain.',
    labels: { partition: ANY },
  },
  sluice_weight_sum_ratio: {
    type: 'gauge',
    help: 'Σ importance weights of kept samples / samples seen outside the audit slice; 1 when the inclusion probabilities are honest.',
    labels: { partition: ANY },
  },
  sluice_predicted_samples_total: {
    type: 'counter',
    help: 'Samples that a champion predicted before their outcome was known. With the three below: calibration, click rate and normalised entropy of the champion over any time.',
  },
  sluice_predicted_positive_samples_total: { type: 'counter', help: 'Those of them whose label is 1.' },
  sluice_predicted_probability_total: {
    type: 'counter',
    help: 'Σ of those predictions; over the one above: calibration.',
  },
  sluice_predicted_log_loss_nats_total: { type: 'counter', help: 'Σ log loss of those predictions, in nats.' },
  sluice_champion_expected_calibration_error: {
    type: 'gauge',
    help: 'Expected calibration error of the champions over the newest 10,000 audit samples, each predicted before its outcome was known; 15 bins of equal mass. Chance alone gives up to about sqrt(10·click rate / samples).',
  },
  sluice_caught_interactions_total: {
    type: 'counter',
    help: 'Interactions that a rule on conduct caught, by rule; one may be caught by several.',
    labels: { rule: RULE_NAMES },
  },
  sluice_diverted_interactions_total: {
    type: 'counter',
    help: 'Caught interactions that joined nothing and became dead letters.',
  },
  sluice_flagged_samples_total: {
    type: 'counter',
    help: 'Samples by flag, kept or not; one may have several.',
    labels: { flag: SAMPLE_FLAGS },
  },
  sluice_contradictions_total: {
    type: 'counter',
    help: 'Samples whose label every committee member held to be all but impossible (quality.contradicted.maxLabelProbability).',
  },
});

import { RULE_NAMES } from '../conduct/rules.js';
import { ERRORS } from '../errors.js';
import { DECLARED_OUTCOMES, RULE_OUTCOMES } from '../events/words.js';
import { COUNTERS, INPUTS, OUTPUTS } from '../ports/transport.js';
import { ANY, metrics } from './metric-entry.js';

const CODES = Object.keys(ERRORS);

/** Stage → codes of the dead letters it makes. */
export const DEAD_LETTER_CODES = {
  decode: [
    'undecodable',
    'empty-message',
    'message-too-large',
    'batch-too-large',
    'batch-damaged',
    'schema-unknown',
    'invalid-field',
  ],
  clean: [
    'missing-field',
    'invalid-field',
    'time-in-future',
    'time-before-horizon',
    'too-many-items',
    'text-too-long',
    'unknown-currency',
    'positions-from-zero',
    'impressions-collide',
    'own-rule',
    'unprocessable',
  ],
  map: ['unprocessable'],
  order: ['late-impression', 'time-in-future'],
  join: ['impressions-collide'],
  quality: RULE_NAMES,
} as const;

/** Metrics of what comes in, how it is ordered and joined, and what goes out. */
export const INPUT_METRICS = metrics({
  sluice_input_records_total: {
    type: 'counter',
    help: 'Input messages read, by topic; what a restore reads again is not in it.',
    labels: { topic: INPUTS },
  },
  sluice_input_bytes_total: {
    type: 'counter',
    help: 'Bytes of those messages, keys and headers not counted.',
    labels: { topic: INPUTS },
  },
  sluice_misplaced_records_total: {
    type: 'counter',
    help: 'Messages on another partition than their session id, as a key, is given by the default partitioner of Kafka. On one input and not on the other: lists and interactions of one session do not meet.',
    labels: { input: INPUTS },
  },
  sluice_repartitioned_records_total: {
    type: 'counter',
    help: 'Messages that this instance moved to the topics by session; none without `transport.repartition`.',
    labels: { topic: INPUTS },
  },
  sluice_repartition_lag_records: {
    type: 'gauge',
    help: 'Records of an input, all partitions, that the repartition step has not moved yet; 0 without `transport.repartition`.',
    labels: { topic: INPUTS },
  },
  sluice_input_lag_records: {
    type: 'gauge',
    help: 'Records between the last committed offset of a partition that this instance owns and the end of the topic; looked at every 5 s.',
    labels: { topic: INPUTS, partition: ANY },
  },
  sluice_input_lag_seconds: {
    type: 'gauge',
    help: 'Age of the newest committed record by its record timestamp, while more is waiting; 0 when nothing is. Looked at every 5 s.',
    labels: { topic: INPUTS, partition: ANY },
  },
  sluice_output_records_total: {
    type: 'counter',
    help: 'Records committed or published, by topic.',
    labels: { topic: [...OUTPUTS, COUNTERS] },
  },
  sluice_output_bytes_total: {
    type: 'counter',
    help: 'Bytes of their values, before the compression of the transport.',
    labels: { topic: [...OUTPUTS, COUNTERS] },
  },
  sluice_impressions_total: {
    type: 'counter',
    help: 'Impressions by fate. Counted one by one, not by list.',
    labels: { fate: ['read', 'duplicate', 'dead-lettered', 'unexamined'] },
  },
  sluice_interactions_total: {
    type: 'counter',
    help: 'Interactions by fate; each one read has one other fate, too.',
    labels: { fate: ['read', 'duplicate', 'joined', 'unmatched', 'late', 'dead-lettered'] },
  },
  sluice_impossible_interactions_total: {
    type: 'counter',
    help: 'Interactions that name an impression which they cannot be of: one of another session, of another item, or not shown yet. They join nothing and are among the unmatched, too.',
    labels: { reason: ['other-session', 'other-item', 'before-shown'] },
  },
  sluice_ignored_values_total: {
    type: 'counter',
    help: "Optional values (a price, a dwell time) left out because they are not of their field's type; their records went on without them.",
  },
  sluice_declared_values_total: {
    type: 'counter',
    help: 'Values that declared features looked for in the items of messages, by what became of them. A message that a restart reads again counts again.',
    labels: { feature: ANY, outcome: DECLARED_OUTCOMES },
  },
  sluice_own_rule_total: {
    type: 'counter',
    help: 'Items and interactions that a rule of a plugin refused, and judgements in which it failed and refused nothing. A message that a restart reads again counts again.',
    labels: { rule: ANY, outcome: RULE_OUTCOMES },
  },
  sluice_identifying_ids_total: {
    type: 'counter',
    help: 'Messages with a request, impression or interaction id that contained their session or user id; it went out as a pseudonym.',
  },
  sluice_dead_letters_total: {
    type: 'counter',
    help: 'Input that can never succeed, by error code and stage.',
    labels: { code: CODES, stage: Object.keys(DEAD_LETTER_CODES) },
    begins: Object.entries(DEAD_LETTER_CODES).flatMap(([stage, codes]) => codes.map((code) => ({ code, stage }))),
  },
  sluice_order_waiting_records: {
    type: 'gauge',
    help: 'Messages read that wait for their turn in event time.',
    labels: { partition: ANY },
  },
  sluice_order_waiting_bytes: {
    type: 'gauge',
    help: 'Bytes of those messages; from join.maxReorderBytes on the topic that is ahead is not read.',
    labels: { partition: ANY },
  },
  sluice_order_waiting_seconds: {
    type: 'gauge',
    help: 'Event time from the first message that waits for its turn to the newest one read; 0 when none waits.',
    labels: { partition: ANY },
  },
  sluice_order_held_records: {
    type: 'gauge',
    help: 'Messages far ahead of their topic in event time that wait for what the messages behind them say.',
    labels: { partition: ANY },
  },
  sluice_open_impressions: {
    type: 'gauge',
    help: 'Impressions whose attribution window is open.',
    labels: { partition: ANY },
  },
  sluice_pending_interactions: {
    type: 'gauge',
    help: 'Interactions that wait for their impression.',
    labels: { partition: ANY },
  },
  sluice_closed_early_total: {
    type: 'counter',
    help: 'Impressions closed before their window ended because join.maxOpenImpressions was reached.',
  },
  sluice_forced_advances_total: {
    type: 'counter',
    help: 'Times the watermark was moved, or an event far ahead of its topic believed, by something else than the input: a topic was silent for join.idleTimeoutMs, or the end of the input was declared. Recorded with the commit, so that a restart repeats them.',
  },
  sluice_watermark_lag_seconds: { type: 'gauge', help: 'Wall clock minus watermark.', labels: { partition: ANY } },
});

import { ANY, LONG_SECONDS, metrics, SHORT_SECONDS } from './metric-entry.js';

/** Metrics of units of work, partitions and checkpoints. */
export const COMMIT_METRICS = metrics({
  sluice_batch_seconds: {
    type: 'histogram',
    help: 'Time of one unit of work, from the arrival of its first record to its commit.',
    buckets: SHORT_SECONDS,
  },
  sluice_batch_records: {
    type: 'histogram',
    help: 'Input messages in one unit of work.',
    buckets: [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000],
  },
  sluice_commit_seconds: {
    type: 'histogram',
    help: 'Time of one transaction that succeeded: outputs, offsets and progress.',
    buckets: SHORT_SECONDS,
  },
  sluice_commits_total: {
    type: 'counter',
    help: 'Transactions by result; fenced: another owner took over.',
    labels: { result: ['committed', 'fenced', 'failed'] },
  },
  sluice_last_commit_seconds: {
    type: 'gauge',
    help: 'When a unit of work of the partition was last committed, Unix time; before the first, when the partition was taken.',
    labels: { partition: ANY },
  },
  sluice_partitions: { type: 'gauge', help: 'Partitions this instance owns.' },
  sluice_input_partitions: {
    type: 'gauge',
    help: 'Partitions of each input topic; together the instances own as many.',
  },
  sluice_rebalances_total: {
    type: 'counter',
    help: 'Partitions taken or given back.',
    labels: { direction: ['taken', 'given-back'] },
  },
  sluice_checkpoint_seconds: {
    type: 'histogram',
    help: 'Time to write one checkpoint, from the transaction with its first chunk to the end of the one with its last.',
    buckets: SHORT_SECONDS,
  },
  sluice_checkpoint_bytes: {
    type: 'gauge',
    help: 'Compressed size of the newest checkpoint that this instance wrote.',
    labels: { partition: ANY },
  },
  sluice_checkpoint_created_seconds: {
    type: 'gauge',
    help: 'When the newest checkpoint of the partition was written, Unix time; its age is time() minus this. A restart reads again what came since.',
    labels: { partition: ANY },
  },
  sluice_restore_seconds: {
    type: 'histogram',
    help: 'Time from assignment of a partition to its first new record.',
    buckets: LONG_SECONDS,
  },
  sluice_restored_records_total: { type: 'counter', help: 'Input messages that restores read again in silence.' },
  sluice_transport_restarts_total: {
    type: 'counter',
    help: 'Restarts of the transport by its watchdog; at transport.maxRestarts the process ends.',
  },
});

import { ANY, metrics, SHORT_SECONDS } from './metric-entry.js';

/** Metrics of the pipeline's stages. */
export const STAGE_METRICS = metrics({
  sluice_stage_seconds: {
    type: 'histogram',
    help: 'Time of one stage for one unit of work; of embed and join, for one part of it.',
    labels: { stage: ANY },
    buckets: SHORT_SECONDS,
  },
  sluice_stage_records_total: {
    type: 'counter',
    help: 'What went into a stage, came out of it, and was refused by it, in messages, events, samples or records: `sluice describe pipeline` says which.',
    labels: { stage: ANY, direction: ['in', 'out', 'refused'] },
  },
  sluice_stage_errors_total: {
    type: 'counter',
    help: 'Errors that a stage threw, by error code; the partition is restored from its last commit.',
    labels: { stage: ANY, code: ANY },
  },
});

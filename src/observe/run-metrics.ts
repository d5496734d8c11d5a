import { ERRORS } from '../errors.js';
import { ANY, metrics, SHORT_SECONDS } from './metric-entry.js';
import { RUN_STATES } from './health.js';

/** Metrics of the process itself. */
export const RUN_METRICS = metrics({
  sluice_run_state: { type: 'gauge', help: '1 for the state the run is in.', labels: { state: RUN_STATES } },
  sluice_ready: { type: 'gauge', help: '1 when /ready answers 200, else 0; its answer says why.' },
  sluice_alive: { type: 'gauge', help: '1 when /live answers 200, else 0.' },
  sluice_application_info: {
    type: 'gauge',
    help: '1, with the application that the instance works for: other metrics meet it by their instance.',
    labels: { application: ANY },
  },
  sluice_disk_free_bytes: {
    type: 'gauge',
    help: 'Bytes that may still be written on the disk of the working directory, the embedded store, and the vectors on disk.',
    labels: { disk: ['working', 'store', 'vectors'] },
  },
  sluice_config_reloads_total: {
    type: 'counter',
    help: 'Times the config was read again (SIGHUP, `sluice config reload`): with something applied, with nothing new, or refused.',
    labels: { outcome: ['applied', 'unchanged', 'refused'] },
  },
  sluice_config_options_held_back: {
    type: 'gauge',
    help: 'Options that the config said differently when it was last read again and that act only after a restart.',
  },
  sluice_control_orders_total: {
    type: 'counter',
    help: 'Orders that came over HTTP with the token, by action and what came of them.',
    labels: { action: ['reload', 'drain', 'promote', 'rollback', 'pin', 'unpin'], outcome: ['done', 'failed'] },
  },
  sluice_control_turned_away_total: {
    type: 'counter',
    help: 'Requests to change something that were turned away: without the token, from another site, or for another name.',
  },
  sluice_door_events_total: {
    type: 'counter',
    help: 'Events that came over HTTP, by input and whether they were taken.',
    labels: { input: ['impressions', 'interactions'], outcome: ['accepted', 'refused'] },
  },
  sluice_features_requests_total: {
    type: 'counter',
    help: 'Impression lists asked about at POST /v1/features, by what became of the question.',
    labels: { outcome: ['described', 'refused', 'elsewhere', 'not-ready'] },
  },
  sluice_features_turned_away_total: {
    type: 'counter',
    help: 'Such requests that were turned away unread: without the token, too large, or too many at a time.',
  },
  sluice_features_seconds: {
    type: 'histogram',
    help: 'Time from a read request at POST /v1/features to its rows.',
    buckets: SHORT_SECONDS,
  },
  sluice_door_turned_away_total: {
    type: 'counter',
    help: 'Requests with events that were turned away unread: without the token, too large, or too many at a time.',
  },
  sluice_errors_total: {
    type: 'counter',
    help: 'Errors that stopped a unit of work, a read or the run, each counted once, by code of the error table; `bug` also for what has none.',
    labels: { code: Object.keys(ERRORS) },
  },
  sluice_worker_restarts_total: {
    type: 'counter',
    help: 'Worker threads of the encoder that ended and were started again.',
    labels: { worker: ['encoder'] },
  },
});

import { COMMIT_METRICS } from './commit-metrics.js';
import { INPUT_METRICS } from './input-metrics.js';
import { LEARNING_METRICS } from './learning-metrics.js';
import { ANY, type MetricEntry, type MetricType } from './metric-entry.js';
import { PROOF_METRICS } from './proof-metrics.js';
import { RUN_METRICS } from './run-metrics.js';
import { SELECTION_METRICS } from './selection-metrics.js';
import { STAGE_METRICS } from './stage-metrics.js';
import { TABLE_METRICS } from './table-metrics.js';

/**
 * The one metric table. A metric that is not declared here cannot be recorded, so the table, `docs/reference/metrics.md`, the
 * dashboard and the alerts speak the same names. Units are in the names (`_seconds`, `_bytes`, `_fraction`); counters end
 * in `_total`; lags and windows are in seconds because Prometheus counts in seconds.
 */
export const METRICS = {
  ...INPUT_METRICS,
  ...SELECTION_METRICS,
  ...STAGE_METRICS,
  ...TABLE_METRICS,
  ...COMMIT_METRICS,
  ...LEARNING_METRICS,
  ...PROOF_METRICS,
  ...RUN_METRICS,
} as const satisfies Record<string, MetricEntry>;

export type MetricName = keyof typeof METRICS;

/** The declaration of a metric; undefined when the table has none of that name. */
export function metricEntry(name: string): MetricEntry | undefined {
  return Object.hasOwn(METRICS, name) ? METRICS[name as MetricName] : undefined;
}

/** Says why a recording is not as the table declares it; undefined when it is. */
export function recordingFault(
  type: MetricType,
  name: string,
  value: number,
  labels: Readonly<Record<string, string>>,
): string | undefined {
  const entry = metricEntry(name);
  if (entry?.type !== type) return `metric ${name} is not a declared ${type}`;
  if (!Number.isFinite(value) || (type === 'counter' && value < 0)) return `metric ${name} cannot take ${value}`;
  const declared = entry.labels ?? {};
  for (const [label, values] of Object.entries(declared)) {
    const given = labels[label];
    if (given === undefined) return `metric ${name} needs the label ${label}`;
    if (values !== ANY && !values.includes(given)) return `metric ${name} has no ${label} ${given}`;
  }
  const foreign = Object.keys(labels).find((label) => !Object.hasOwn(declared, label));
  return foreign === undefined ? undefined : `metric ${name} has no label ${foreign}`;
}

import type { Series } from '../../adapters/prometheus/index.js';

/** The metrics that the console shows; whatever else it shows it asks of the run itself. */
export const SHOWN_METRICS = [
  'sluice_stage_records_total',
  'sluice_stage_seconds',
  'sluice_stage_errors_total',
  'sluice_input_records_total',
  'sluice_input_bytes_total',
  'sluice_output_records_total',
  'sluice_output_bytes_total',
  'sluice_impressions_total',
  'sluice_interactions_total',
  'sluice_samples_total',
  'sluice_input_lag_records',
  'sluice_input_partitions',
  'sluice_last_commit_seconds',
] as const;

/** The metrics at one moment. */
export class Reading {
  private readonly values: ReadonlyMap<string, number>;

  constructor(
    private readonly series: readonly Series[],
    /** Monotonic time, ms. */
    readonly atMs: number,
  ) {
    this.values = new Map(series.map(({ name, labels, value }) => [keyOf(name, labels), value]));
  }

  /** null where it has no value. */
  last(name: string, labels: Labels = {}): number | null {
    return this.values.get(keyOf(name, labels)) ?? null;
  }

  /** Of a counter, since the process began. */
  total(name: string, labels: Labels = {}): number {
    return this.last(name, labels) ?? 0;
  }

  /** Of a counter, over the label sets that contain these. */
  sum(name: string, labels: Labels): number {
    const wanted = Object.entries(labels);
    return this.series
      .filter((one) => one.name === name && wanted.every(([label, value]) => one.labels[label] === value))
      .reduce((sum, { value }) => sum + value, 0);
  }
}

/** Two readings, one after the other. */
export interface Change {
  readonly now: Reading;
  readonly before: Reading;
  readonly seconds: number;
}

/** Increase of a counter a second; 0 between readings of one moment. */
export function rateOf({ now, before, seconds }: Change, name: string, labels: Labels = {}): number {
  return seconds > 0 ? Math.max(0, now.total(name, labels) - before.total(name, labels)) / seconds : 0;
}

type Labels = Readonly<Record<string, string>>;

function keyOf(name: string, labels: Labels): string {
  return [
    name,
    ...Object.keys(labels)
      .sort()
      .map((label) => `${label}=${labels[label]}`),
  ].join('\n');
}

import { recordingFault } from '../../observe/metric-names.js';
import type { MetricType } from '../../observe/metric-entry.js';
import type { Metrics } from '../../ports/metrics.js';

type Labels = Readonly<Record<string, string>>;

export interface Measurement {
  readonly kind: MetricType;
  readonly name: string;
  readonly value: number;
  readonly labels: Labels;
}

/**
 * Metrics that keep every measurement, oldest first. Memory grows with each: for tests.
 * Throws on a recording that the metric table does not allow.
 */
export class RecordingMetrics implements Metrics {
  readonly measurements: Measurement[] = [];

  count(name: string, by: number, labels: Labels = {}): void {
    this.#record('counter', name, by, labels);
  }

  gauge(name: string, value: number, labels: Labels = {}): void {
    this.#record('gauge', name, value, labels);
  }

  observe(name: string, value: number, labels: Labels = {}): void {
    this.#record('histogram', name, value, labels);
  }

  /** Takes the gauges with these labels out of the measurements. */
  forget(labels: Labels): void {
    const gone = new Set(this.#with(labels).filter(({ kind }) => kind === 'gauge'));
    const kept = this.measurements.filter((one) => !gone.has(one));
    this.measurements.splice(0, this.measurements.length, ...kept);
  }

  /** Sum of a counter over all label sets that contain `labels`; 0 when it was never counted. */
  total(name: string, labels: Labels = {}): number {
    return this.#of('counter', name, labels).reduce((sum, { value }) => sum + value, 0);
  }

  /** Newest value of a gauge among the label sets that contain `labels`. */
  latest(name: string, labels: Labels = {}): number | undefined {
    return this.#of('gauge', name, labels).at(-1)?.value;
  }

  /** Values that a histogram observed, oldest first. */
  observed(name: string, labels: Labels = {}): readonly number[] {
    return this.#of('histogram', name, labels).map(({ value }) => value);
  }

  #record(kind: MetricType, name: string, value: number, labels: Labels): void {
    const fault = recordingFault(kind, name, value, labels);
    if (fault !== undefined) throw new TypeError(fault);
    this.measurements.push({ kind, name, value, labels });
  }

  #of(kind: MetricType, name: string, labels: Labels): readonly Measurement[] {
    return this.#with(labels).filter((one) => one.kind === kind && one.name === name);
  }

  #with(labels: Labels): readonly Measurement[] {
    const wanted = Object.entries(labels);
    return this.measurements.filter((one) => wanted.every(([label, value]) => one.labels[label] === value));
  }
}

/** Metrics that go nowhere. */
export const noMetrics: Metrics = {
  count: () => undefined,
  gauge: () => undefined,
  observe: () => undefined,
  forget: () => undefined,
};

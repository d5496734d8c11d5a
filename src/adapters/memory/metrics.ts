import type { Metrics } from '../../ports/metrics.js';

type Labels = Readonly<Record<string, string>>;

export interface Measurement {
  readonly kind: 'count' | 'gauge' | 'time';
  readonly name: string;
  readonly value: number;
  readonly labels: Labels;
}

/** Metrics that keep every measurement, oldest first. Memory grows with each: for tests. */
export class RecordingMetrics implements Metrics {
  readonly measurements: Measurement[] = [];

  count(name: string, by: number, labels: Labels = {}): void {
    this.measurements.push({ kind: 'count', name, value: by, labels });
  }

  gauge(name: string, value: number, labels: Labels = {}): void {
    this.measurements.push({ kind: 'gauge', name, value, labels });
  }

  time(name: string, seconds: number, labels: Labels = {}): void {
    this.measurements.push({ kind: 'time', name, value: seconds, labels });
  }

  /** Sum of a counter over all label sets that contain `labels`; 0 when it was never counted. */
  total(name: string, labels: Labels = {}): number {
    return this.#of('count', name, labels).reduce((sum, { value }) => sum + value, 0);
  }

  /** Newest value of a gauge among the label sets that contain `labels`. */
  latest(name: string, labels: Labels = {}): number | undefined {
    return this.#of('gauge', name, labels).at(-1)?.value;
  }

  /** Durations observed in seconds, oldest first. */
  durations(name: string, labels: Labels = {}): readonly number[] {
    return this.#of('time', name, labels).map(({ value }) => value);
  }

  #of(kind: Measurement['kind'], name: string, labels: Labels): readonly Measurement[] {
    return this.measurements.filter(
      (one) =>
        one.kind === kind &&
        one.name === name &&
        Object.entries(labels).every(([label, value]) => one.labels[label] === value),
    );
  }
}

/** Metrics that go nowhere. */
export const noMetrics: Metrics = { count: () => undefined, gauge: () => undefined, time: () => undefined };

/** Counters, gauges and histograms by declared name (`observe/metric-names.ts`), labels as a flat map. */
export interface Metrics {
  count(name: string, by: number, labels?: Readonly<Record<string, string>>): void;
  gauge(name: string, value: number, labels?: Readonly<Record<string, string>>): void;
  /** Observes a duration in seconds. */
  time(name: string, seconds: number, labels?: Readonly<Record<string, string>>): void;
}

/** Counters, gauges and histograms by declared name (`observe/metric-names.ts`), labels as a flat map. */
export interface Metrics {
  count(name: string, by: number, labels?: Readonly<Record<string, string>>): void;
  gauge(name: string, value: number, labels?: Readonly<Record<string, string>>): void;
  /** Adds a value to a histogram, in the unit of its name. */
  observe(name: string, value: number, labels?: Readonly<Record<string, string>>): void;
  /**
   * Ends every series that carries all of these labels with these values: a partition that left, a version that is gone.
   * A later recording begins it anew.
   */
  forget(labels: Readonly<Record<string, string>>): void;
}

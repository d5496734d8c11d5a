type Labels = Readonly<Record<string, string>>;

/** A metric with all of its series at one moment, for whoever hands metrics on. */
export type MetricFamily = {
  readonly name: string;
  readonly help: string;
} & (
  | {
      readonly type: 'counter' | 'gauge';
      readonly series: readonly { readonly labels: Labels; readonly value: number }[];
    }
  | { readonly type: 'histogram'; readonly series: readonly HistogramSeries[] }
);

export interface HistogramSeries {
  readonly labels: Labels;
  /** Upper bounds, without the infinite one. */
  readonly bounds: readonly number[];
  /** Of each bucket alone, one more than bounds. */
  readonly counts: readonly number[];
  readonly count: number;
  readonly sum: number;
}

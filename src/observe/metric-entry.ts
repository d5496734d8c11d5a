/** What a metric is to the scraper; units are in the names. */
export type MetricType = 'counter' | 'gauge' | 'histogram';

/** A label whose values are not known before they come: a partition, a version. */
export const ANY = 'any';

/** The values a label may have, all of them, or {@link ANY}. */
export type LabelValues = readonly string[] | typeof ANY;

export interface MetricEntry {
  readonly type: MetricType;
  readonly help: string;
  /** Label → its values. A recording with another value is refused. */
  readonly labels?: Readonly<Record<string, LabelValues>>;
  /**
   * Label sets that a counter or histogram shows as 0 from the start. Default: every combination of its labels' values,
   * none where a label is {@link ANY}. A series that begins with its first event has no increase to see.
   */
  readonly begins?: readonly Readonly<Record<string, string>>[];
  /** Upper bounds of the histogram's buckets, in the unit of the name. */
  readonly buckets?: readonly number[];
}

/** Checks a part of the metric table and keeps its names. */
export const metrics = <const T extends Record<string, MetricEntry>>(table: T): T => table;

/** From half a millisecond to a minute: a unit of work, a commit, an inference. */
export const SHORT_SECONDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
] as const;
/** From a tenth of a second to half an hour: a fit, a restore. */
export const LONG_SECONDS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800] as const;

/** The label sets that a metric shows from the start. */
export function firstLabelSets({
  type,
  labels = {},
  begins,
}: MetricEntry): readonly Readonly<Record<string, string>>[] {
  if (begins !== undefined) return begins;
  if (type === 'gauge') return [];
  return Object.entries(labels).reduce<readonly Readonly<Record<string, string>>[]>(
    (sets, [label, values]) =>
      values === ANY ? [] : sets.flatMap((set) => values.map((value) => ({ ...set, [label]: value }))),
    [{}],
  );
}

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { HistogramSeries, MetricFamily } from '../../observe/metric-family.js';
import { firstLabelSets, type MetricEntry, type MetricType } from '../../observe/metric-entry.js';
import { METRICS, recordingFault } from '../../observe/metric-names.js';
import type { Metrics } from '../../ports/metrics.js';

type Labels = Readonly<Record<string, string>>;

/** How often the lag of the event loop is looked at. By default a hundred times a second: a quarter of what an idle process does. */
const LAG_EVERY_MS = 100;

export interface PrometheusMetrics extends Metrics {
  /** The exposition text of every metric, and the content type to send it with. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>;
  /** The present values of some metrics, as {@link render} would show them; buckets of histograms left out. */
  read(names: readonly string[]): Promise<readonly Series[]>;
  /** All of {@link render}, taken apart. */
  families(): Promise<readonly MetricFamily[]>;
  close(): void;
}

/** One line of the exposition. */
export interface Series {
  /** Of the metric; of a histogram with `_sum` or `_count`. */
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

export interface PrometheusOptions {
  /** Also collect the `process_…` and `nodejs_…` metrics of prom-client. Default true. */
  readonly processMetrics?: boolean;
  /**
   * Told of a recording that the table does not allow: unknown name, wrong type, unknown label or value, negative count.
   * Such a recording is dropped, since a wrong metric must not stop the stream; tests pass a function that throws.
   */
  readonly onFault?: (message: string) => void;
}

/**
 * Metrics of the declared table on a registry of their own (never prom-client's global one), so that two of them in one
 * process do not meet. Counters and histograms show 0 from the start for every label set that the table says they begin
 * with; a gauge has no value before its first.
 */
export function createPrometheusMetrics(options: PrometheusOptions = {}): PrometheusMetrics {
  const { processMetrics = true, onFault = () => {} } = options;
  const registry = new Registry();
  const instruments = new Map(
    Object.entries<MetricEntry>(METRICS).map(([name, entry]) => [name, register(registry, name, entry)]),
  );
  if (processMetrics) collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_EVERY_MS });

  const record = (type: MetricType, name: string, value: number, labels: Labels): void => {
    const fault = recordingFault(type, name, value, labels);
    if (fault === undefined) instruments.get(name)!.record(labels, value);
    else onFault(fault);
  };

  return {
    count: (name, by, labels = {}) => record('counter', name, by, labels),
    gauge: (name, value, labels = {}) => record('gauge', name, value, labels),
    observe: (name, value, labels = {}) => record('histogram', name, value, labels),
    forget: (labels) => instruments.forEach((instrument) => instrument.forget(labels)),
    render: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
    read: async (names) => (await Promise.all(names.map((name) => seriesOf(registry, name)))).flat(),
    families: async () => (await registry.getMetricsAsJSON()).map((metric) => familyOf(metric as unknown as Exposed)),
    close: () => registry.clear(),
  };
}

async function seriesOf(registry: Registry, name: string): Promise<readonly Series[]> {
  const metric = await registry.getSingleMetric(name)?.get();
  const values = (metric?.values ?? []) as readonly { metricName?: string; labels: Labels; value: number }[];
  return values
    .map(({ metricName = name, labels, value }) => ({ name: metricName, labels, value }))
    .filter((one) => !one.name.endsWith('_bucket'));
}

/** A metric as prom-client gives it: of a histogram every bucket, cumulative, and sum and count are values of their own. */
interface Exposed {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly values: readonly { readonly metricName?: string; readonly labels: Labels; readonly value: number }[];
}

function familyOf({ name, help, type, values }: Exposed): MetricFamily {
  if (type !== 'histogram') return { name, help, type, series: values.map(({ labels, value }) => ({ labels, value })) };
  const found = new Map<string, { -readonly [key in keyof HistogramSeries]: HistogramSeries[key] }>();
  for (const { metricName, labels: given, value } of values) {
    const { le, ...labels } = given;
    const key = JSON.stringify(Object.entries(labels).sort());
    const series = found.get(key) ?? { labels, bounds: [], counts: [], count: 0, sum: 0 };
    found.set(key, series);
    if (metricName === `${name}_sum`) series.sum = value;
    else if (metricName === `${name}_count`) series.count = value;
    else {
      const before = series.counts.reduce((sum, each) => sum + each, 0);
      if (Number.isFinite(Number(le))) series.bounds = [...series.bounds, Number(le)];
      series.counts = [...series.counts, value - before];
    }
  }
  return { name, help, type, series: [...found.values()] };
}

interface Instrument {
  readonly record: (labels: Labels, value: number) => void;
  readonly forget: (labels: Labels) => void;
}

function register(registry: Registry, name: string, entry: MetricEntry): Instrument {
  const labelNames = Object.keys(entry.labels ?? {});
  const shared = { name, help: entry.help, labelNames, registers: [registry] };
  switch (entry.type) {
    case 'counter': {
      const counter = new Counter(shared);
      for (const labels of firstLabelSets(entry)) counter.inc(labels, 0);
      return remembering(labelNames, counter, (labels, by) => counter.inc(labels, by));
    }
    case 'gauge': {
      const gauge = new Gauge(shared);
      // prom-client shows a gauge without labels as 0 before its first value.
      if (labelNames.length === 0) gauge.remove({});
      return remembering(labelNames, gauge, (labels, value) => gauge.set(labels, value));
    }
    case 'histogram': {
      const histogram = new Histogram({ ...shared, ...(entry.buckets ? { buckets: [...entry.buckets] } : {}) });
      for (const labels of firstLabelSets(entry)) histogram.zero(labels);
      return remembering(labelNames, histogram, (labels, value) => histogram.observe(labels, value));
    }
  }
}

/** Keeps the label sets that were recorded, by which prom-client removes series one by one. */
function remembering(
  labelNames: readonly string[],
  instrument: { remove(labels: Labels): void },
  record: Instrument['record'],
): Instrument {
  const recorded = new Map<string, Labels>();
  return {
    record: (labels, value) => {
      record(labels, value);
      if (labelNames.length > 0) recorded.set(labelNames.map((label) => labels[label]).join('\n'), labels);
    },
    forget: (given) => {
      const wanted = Object.entries(given);
      if (!wanted.every(([label]) => labelNames.includes(label))) return;
      for (const [key, labels] of recorded) {
        if (!wanted.every(([label, value]) => labels[label] === value)) continue;
        instrument.remove(labels);
        recorded.delete(key);
      }
    },
  };
}

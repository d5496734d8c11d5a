import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type MetricEntry, METRICS } from '../../observe/metric-names.js';
import type { Metrics } from '../../ports/metrics.js';

type Labels = Readonly<Record<string, string>>;
type Instrument = Counter | Gauge | Histogram;

export interface PrometheusMetrics extends Metrics {
  /** The exposition text of every metric, and the content type to send it with. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>;
  close(): void;
}

export interface PrometheusOptions {
  /** Also collect the `process_…` and `nodejs_…` metrics of prom-client. Default true. */
  readonly processMetrics?: boolean;
  /**
   * Told of a recording that the table does not allow: unknown name, wrong type, unknown label, negative count. Such a
   * recording is dropped, since a wrong metric must not stop the stream; tests pass a function that throws.
   */
  readonly onFault?: (message: string) => void;
}

/**
 * Metrics of the declared table on a registry of their own (never prom-client's global one), so that two of them in one
 * process do not meet. Metrics without labels show 0 from the start; labelled ones appear with their first value.
 */
export function createPrometheusMetrics(options: PrometheusOptions = {}): PrometheusMetrics {
  const { processMetrics = true, onFault = () => {} } = options;
  const registry = new Registry();
  const instruments = new Map<string, Instrument>();
  for (const [name, entry] of Object.entries(METRICS)) instruments.set(name, register(registry, name, entry));
  if (processMetrics) collectDefaultMetrics({ register: registry });

  const attempt = (name: string, record: (instrument: Instrument | undefined) => boolean, wanted: string): void => {
    try {
      if (!record(instruments.get(name))) onFault(`metric ${name} is not a declared ${wanted}`);
    } catch (thrown) {
      onFault(`metric ${name}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  };

  return {
    count: (name, by, labels: Labels = {}) =>
      attempt(name, (it) => it instanceof Counter && (it.inc(labels, by), true), 'counter'),
    gauge: (name, value, labels: Labels = {}) =>
      attempt(name, (it) => it instanceof Gauge && (it.set(labels, value), true), 'gauge'),
    time: (name, seconds, labels: Labels = {}) =>
      attempt(name, (it) => it instanceof Histogram && (it.observe(labels, seconds), true), 'histogram'),
    render: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
    close: () => registry.clear(),
  };
}

function register(registry: Registry, name: string, entry: MetricEntry): Instrument {
  const shared = { name, help: entry.help, labelNames: [...(entry.labels ?? [])], registers: [registry] };
  switch (entry.type) {
    case 'counter':
      return new Counter(shared);
    case 'gauge':
      return new Gauge(shared);
    case 'histogram':
      return new Histogram({ ...shared, ...(entry.buckets ? { buckets: [...entry.buckets] } : {}) });
  }
}

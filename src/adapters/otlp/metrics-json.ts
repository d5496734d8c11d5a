import type { HistogramSeries, MetricFamily } from '../../observe/metric-family.js';
import { attributes, nanoseconds } from './json.js';

/** AGGREGATION_TEMPORALITY_CUMULATIVE: since the process began, as in the scrape. */
const CUMULATIVE = 2;

/** Metrics in OTLP's form, each under the name of its scrape. */
export function metricsJson(families: readonly MetricFamily[], startMs: number, nowMs: number): readonly object[] {
  const times = { startTimeUnixNano: nanoseconds(startMs), timeUnixNano: nanoseconds(nowMs) };
  return families
    .filter(({ series }) => series.length > 0)
    .map((family) => ({ name: family.name, description: family.help, ...dataOf(family, times) }));
}

function dataOf(family: MetricFamily, times: object): object {
  if (family.type === 'histogram') {
    const dataPoints = family.series.map((one) => ({ ...histogramPoint(one), ...times }));
    return { histogram: { aggregationTemporality: CUMULATIVE, dataPoints } };
  }
  const dataPoints = family.series.map(({ labels, value }) => ({
    attributes: attributes(labels),
    asDouble: finite(value),
    ...times,
  }));
  if (family.type === 'gauge') return { gauge: { dataPoints } };
  return { sum: { aggregationTemporality: CUMULATIVE, isMonotonic: true, dataPoints } };
}

function histogramPoint({ labels, bounds, counts, count, sum }: HistogramSeries): object {
  return {
    attributes: attributes(labels),
    count: String(count),
    sum: finite(sum),
    bucketCounts: counts.map(String),
    explicitBounds: bounds,
  };
}

/** JSON has no other numbers; protobuf's form of it has words for them. */
function finite(value: number): number | string {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

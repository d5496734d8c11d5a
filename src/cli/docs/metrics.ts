import { ANY, type LabelValues, type MetricEntry } from '../../observe/metric-entry.js';
import { METRICS } from '../../observe/metric-names.js';
import { code, GENERATED, markdownTable, type Page } from './page.js';

/** `docs/reference/metrics.md`: every metric with type, labels and meaning. */
export function metricsPage(): Page {
  const rows = Object.entries<MetricEntry>(METRICS).map(([name, entry]) => [
    code(name),
    entry.type,
    Object.entries(entry.labels ?? {})
      .map(labelText)
      .join('; '),
    entry.help,
  ]);
  return {
    file: 'reference/metrics.md',
    text: `# Metrics
${GENERATED}

*For whoever watches a running Sluice; what to do when an alert fires is in [alerts](../how/alerts.md).* \`GET /metrics\` on \`http.host:http.port\` (loopback, port 9464 unless configured) serves them in the Prometheus text format, beside the \`process_…\` and \`nodejs_…\` metrics of the runtime (\`nodejs_eventloop_lag_…\` are the times between two looks .1 s apart). \`GET /live\` says whether the process should be restarted, \`GET /ready\` whether it does its work right now; both answer JSON with state and reasons, status 200 or 503.

Counters are the process's and begin at 0 with it; the application's own counts, which survive restarts, are in the accounting of \`sluice run\`. A counter shows 0 from the start for every label value named here. What a partition exported ends when this instance gives it back. Histograms come with \`_bucket\`, \`_sum\` and \`_count\`.

${markdownTable(['metric', 'type', 'labels', 'meaning'], rows)}
`,
  };
}

/** More values than this are named by what they are, not one by one. */
const MOST_VALUES = 8;

function labelText([label, values]: [string, LabelValues]): string {
  return values === ANY || values.length > MOST_VALUES ? code(label) : `${code(label)}: ${values.join(', ')}`;
}

import { METRICS, type MetricEntry } from '../../observe/metric-names.js';
import { code, GENERATED, markdownTable, type Page } from './page.js';

/** `docs/reference/metrics.md`: every metric with type, labels and meaning. */
export function metricsPage(): Page {
  const rows = Object.entries<MetricEntry>(METRICS).map(([name, entry]) => [
    code(name),
    entry.type,
    (entry.labels ?? []).map(code).join(', '),
    entry.help,
  ]);
  return {
    file: 'reference/metrics.md',
    text: `# Metrics
${GENERATED}

*For whoever watches a running Sluice; what to do when an alert fires is in [alerts](../how/alerts.md).* \`GET /metrics\` on \`http.host:http.port\` (loopback, port 9464 unless configured) serves them in the Prometheus text format, beside the \`process_…\` and \`nodejs_…\` metrics of the runtime. \`GET /live\` says whether the process should be restarted, \`GET /ready\` whether it does its work right now; both answer JSON with state and reasons, status 200 or 503.

Counters are the process's and begin at 0 with it; the application's own counts, which survive restarts, are in the accounting of \`sluice run\`. Histograms come with \`_bucket\`, \`_sum\` and \`_count\`.

${markdownTable(['metric', 'type', 'labels', 'meaning'], rows)}
`,
  };
}

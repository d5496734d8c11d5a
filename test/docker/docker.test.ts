import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { noMetrics } from '../../src/adapters/memory/index.js';
import { configSchema } from '../../src/config/schema.js';
import { recordProof } from '../../src/learn/proof/record.js';
import { ANY } from '../../src/observe/metric-entry.js';
import { METRICS, metricEntry } from '../../src/observe/metric-names.js';

const file = (path: string) => readFileSync(new URL(`../../docker/${path}`, import.meta.url), 'utf8');

/** Names of Sluice metrics in a PromQL text, without the suffixes a histogram adds. */
const metricsIn = (text: string) => [
  ...new Set(
    [...text.matchAll(/\bsluice_[a-z0-9_]+/g)].map(([name]) =>
      name in METRICS ? name : name.replace(/_(bucket|sum|count)$/, ''),
    ),
  ),
];

test.each(['grafana/dashboards/sluice.json', 'prometheus/alerts.yml'])(
  '%s speaks declared metrics and labels only',
  (path) => {
    const text = file(path);
    const names = metricsIn(text);
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => metricEntry(name) === undefined)).toEqual([]);
  },
);

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: { readonly summary?: string; readonly runbook?: string };
}
const alerts = () =>
  (parse(file('prometheus/alerts.yml')) as { groups: { rules: Alert[] }[] }).groups.flatMap(({ rules }) => rules);

/** Label matchers in a PromQL text: metric, label, and the values that it asks for. */
const selectorsIn = (text: string) =>
  [...text.matchAll(/\b(sluice_[a-z0-9_]+)\{([^}]*)\}/g)].flatMap(([, name, selector]) =>
    // What a variable of the dashboard stands for is known to Grafana alone.
    [...selector!.matchAll(/(\w+)=~?"([^"$]*)"/g)].map(([, label, values]) => ({
      name: metricsIn(name!)[0]!,
      label: label!,
      values: values!.split('|'),
    })),
  );

test.each(['grafana/dashboards/sluice.json', 'prometheus/alerts.yml'])(
  '%s selects by labels and values that its metrics can have',
  (path) => {
    const selectors = selectorsIn(file(path).replaceAll('\\"', '"'));
    for (const { name, label, values } of selectors) {
      const declared = metricEntry(name)?.labels?.[label];
      expect(declared, `${name}: ${label}`).toBeDefined();
      if (declared !== ANY) for (const value of values) expect(declared, `${name}: ${label}`).toContain(value);
    }
  },
);

test('every alert has a severity, a summary and a runbook', () => {
  for (const { alert, labels, annotations, ...rest } of alerts()) {
    expect(['page', 'ticket'], alert).toContain(labels['severity']);
    expect(annotations.summary, alert).toBeTruthy();
    expect(annotations.runbook, alert).toBe(`docs/how/alerts.md#when-${alert.toLowerCase()}-fires`);
    if (rest.for !== undefined) expect(rest.for).toMatch(/^\d+[smh]$/);
  }
});

test('every alert has a case that makes it fire and one that keeps it silent', () => {
  const { tests } = parse(file('prometheus/alerts.test.yml')) as {
    tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
  };
  const cases = tests.flatMap(({ alert_rule_test }) => alert_rule_test);
  for (const { alert } of alerts()) {
    const expected = cases.filter(({ alertname }) => alertname === alert).map(({ exp_alerts }) => exp_alerts.length);
    expect([Math.min(...expected), Math.max(...expected)], alert).toEqual([0, 1]);
  }
  expect(metricsIn(file('prometheus/alerts.test.yml')).filter((name) => metricEntry(name) === undefined)).toEqual([]);
});

test('a runbook that an alert names is there', () => {
  const named = alerts().flatMap(({ alert, annotations }) =>
    annotations.runbook ? [[alert, annotations.runbook]] : [],
  );
  expect(named.map(([alert]) => alert)).toContain('SluiceCurationWorse');
  for (const [alert, runbook] of named) {
    const [path, anchor] = runbook!.split('#');
    const headings = [...file(`../${path}`).matchAll(/^#+ (.*)$/gm)].map(([, text]) =>
      text!.toLowerCase().replaceAll(' ', '-'),
    );
    expect(headings, alert).toContain(anchor);
  }
});

test('the alert on curation looks at the side of each interval that says worse, by labels that are recorded', () => {
  const { expr } = alerts().find(({ alert }) => alert === 'SluiceCurationWorse')!;
  const recorded: string[] = [];
  const gauge = (name: string, _: number, labels: Readonly<Record<string, string>> = {}) =>
    void recorded.push(
      `${name}{${Object.entries(labels)
        .map(([label, value]) => `${label}="${value}"`)
        .join()}}`,
    );
  const interval = { mean: 0, lower: -1, upper: 1 };
  const comparison = { curated: 1, uniform: 1, champion: 1, difference: interval };
  const sizes = { rows: 1, pairs: 4, auditRows: 2, positives: 1 };
  const proof = {
    status: 'proved',
    verdict: 'no-difference',
    ...sizes,
    auc: comparison,
    normalisedEntropy: comparison,
  } as const;
  recordProof({ ...noMetrics, gauge }, proof);
  const conditions = expr.split(' or ').map((condition) => /^(\S+) ([<>]) 0$/.exec(condition)!);
  for (const [, series] of conditions) expect(recorded).toContain(series);
  expect(conditions.map(([, series, sign]) => `${series} ${sign}`)).toEqual([
    'sluice_curation_auc_difference{bound="upper"} <',
    'sluice_curation_normalised_entropy_difference{bound="lower"} >',
  ]);
});

interface Dashboard {
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
  readonly panels: readonly {
    readonly title: string;
    readonly type: string;
    readonly datasource?: { readonly uid: string };
    readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
    readonly links?: readonly { readonly title: string; readonly url: string }[];
  }[];
}
const dashboard = () => JSON.parse(file('grafana/dashboards/sluice.json')) as Dashboard;

test('the dashboard is of one data source, application, instance and partition at a time, as its variables say', () => {
  const { templating, panels } = dashboard();
  const names = templating.list.map(({ name }) => name);
  expect(names).toEqual(['datasource', 'application', 'instance', 'partition', 'docs']);
  for (const { targets, title } of panels)
    for (const { expr, datasource } of targets ?? []) {
      expect(datasource.uid, title).toBe('${datasource}');
      const selectors = [...expr.matchAll(/\b(sluice_[a-z0-9_]+)(\{[^}]*\})?/g)];
      for (const [, name, selector] of selectors) {
        expect(selector, `${title}: ${name!}`).toContain('instance=~"$instance"');
        const labels = metricEntry(metricsIn(name!)[0]!)?.labels ?? {};
        if ('partition' in labels) expect(selector, `${title}: ${name!}`).toContain('partition');
      }
    }
});

test('every alert has a panel that leads to its runbook', () => {
  const links = dashboard().panels.flatMap((panel) => panel.links ?? []);
  const runbook = (alert: string) => `\${docs}/how/alerts.md#when-${alert.toLowerCase()}-fires`;
  expect(new Set(links.map(({ url }) => url))).toEqual(new Set(alerts().map(({ alert }) => runbook(alert))));
  for (const { title, url } of links) expect(url).toBe(runbook(/^When (\w+) fires$/.exec(title)![1]!));
});

test('the dashboard groups by labels its metrics have', () => {
  const { panels } = JSON.parse(file('grafana/dashboards/sluice.json')) as {
    panels: { targets?: { expr: string }[] }[];
  };
  for (const { expr } of panels.flatMap(({ targets }) => targets ?? [])) {
    const labels = metricsIn(expr).flatMap((name) => [...Object.keys(metricEntry(name)?.labels ?? {}), 'le']);
    const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list]) =>
      list!.split(',').map((label) => label.trim()),
    );
    for (const label of grouped) expect(labels, expr).toContain(label);
  }
});

test('the config of the compose file is valid', () => {
  const config = configSchema.parse(parse(file('sluice/sluice.yaml')));
  expect(config.transport).toMatchObject({ kind: 'kafka', brokers: ['kafka:9092'] });
});

test('every image is pinned to a full version, and every mounted file exists', () => {
  const { services } = parse(file('compose.yaml')) as {
    services: Record<string, { image?: string; build?: unknown; volumes?: string[] }>;
  };
  for (const { image, build, volumes = [] } of Object.values(services)) {
    if (build === undefined) expect(image).toMatch(/:v?\d+\.\d+\.\d+$/);
    for (const [source] of volumes.map((volume) => volume.split(':'))) {
      if (source!.startsWith('./'))
        expect(() =>
          readdirSync(join(import.meta.dirname, '../../docker', source!, source!.endsWith('.yaml') ? '..' : '.')),
        ).not.toThrow();
    }
  }
  for (const [, tag] of file('Dockerfile').matchAll(/^FROM node:(\S+)/gm)) expect(tag).toMatch(/^\d+\.\d+\.\d+-/);
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { configSchema } from '../../src/config/schema.js';
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

test('the dashboard groups by labels its metrics have', () => {
  const { panels } = JSON.parse(file('grafana/dashboards/sluice.json')) as {
    panels: { targets?: { expr: string }[] }[];
  };
  for (const { expr } of panels.flatMap(({ targets }) => targets ?? [])) {
    const labels = metricsIn(expr).flatMap((name) => [...(metricEntry(name)?.labels ?? []), 'le']);
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
    services: Record<string, { image?: string; volumes?: string[] }>;
  };
  for (const { image, volumes = [] } of Object.values(services)) {
    if (image !== undefined) expect(image).toMatch(/:v?\d+\.\d+\.\d+$/);
    for (const [source] of volumes.map((volume) => volume.split(':'))) {
      if (source!.startsWith('./'))
        expect(() =>
          readdirSync(join(import.meta.dirname, '../../docker', source!, source!.endsWith('.yaml') ? '..' : '.')),
        ).not.toThrow();
    }
  }
  for (const [, tag] of file('Dockerfile').matchAll(/^FROM node:(\S+)/gm)) expect(tag).toMatch(/^\d+\.\d+\.\d+-/);
});

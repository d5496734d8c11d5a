import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/adapters/memory/index.js';
import { OtlpExporter, type OtlpOptions } from '../../../src/adapters/otlp/index.js';
import { createPrometheusMetrics } from '../../../src/adapters/prometheus/index.js';
import { systemClock } from '../../../src/adapters/system/index.js';
import type { StageTrace, UnitTrace } from '../../../src/ports/traces.js';
import { plain, startCollector, type Collector } from './collector.js';

const WITHIN = { timeout: 240_000, interval: 20 };
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

async function collector(...given: Parameters<typeof startCollector>): Promise<Collector> {
  const started = await startCollector(...given);
  opened.push(started);
  return started;
}

function exporter(endpoint: string, changes: Partial<OtlpOptions> = {}): OtlpExporter {
  const made = new OtlpExporter({
    endpoint,
    headers: '',
    everyMs: 100,
    traceFraction: 1,
    resource: { 'service.name': 'shop' },
    metrics: () => Promise.resolve([]),
    uniqueId: () => randomUUID(),
    clock: systemClock,
    logger: silentLogger,
    ...changes,
  });
  opened.push(made);
  return made;
}

const stage = (name: string, at: number): StageTrace => ({
  stage: name,
  startMs: 1_700_000_000_000 + at,
  endMs: 1_700_000_000_000.25 + at,
  busyMs: 0.25,
  parts: 1,
  in: 3,
  out: 2,
  refused: 1,
});
const unit = (changes: Partial<UnitTrace> = {}): UnitTrace => ({
  partition: 5,
  error: null,
  stages: [stage('read', 0), stage('commit', 1)],
  inputs: { impressions: { records: 3, firstOffset: 10, lastOffset: 12 } },
  parents: [],
  ...changes,
});

describe('metrics over OTLP', () => {
  it('are those of the scrape: every name, label, value, bucket', async () => {
    const metrics = createPrometheusMetrics({ processMetrics: false });
    metrics.count('sluice_impressions_total', 42, { fate: 'read' });
    metrics.gauge('sluice_partitions', 3);
    for (const seconds of [0.001, 0.02, 0.02, 700]) metrics.observe('sluice_stage_seconds', seconds, { stage: 'join' });
    const taken = await collector();
    exporter(taken.url, { metrics: () => metrics.families() });
    await expect.poll(() => taken.metrics().length, WITHIN).toBeGreaterThan(0);
    const told = taken.metrics().flatMap((metric) => seriesOf(metric));
    const { body } = await metrics.render();
    const scraped = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(told.sort()).toEqual(scraped.map(inOrder).sort());
    expect(taken.resource()).toEqual({ 'service.name': 'shop' });
    expect(taken.refused).toEqual([]);
  });
});

describe('a unit of work over OTLP', () => {
  it('is a span with a span for each stage in it, partition, records and offsets on it, and links to where its messages come from', async () => {
    const taken = await collector();
    const trace = 'a'.repeat(32);
    exporter(taken.url).unit(unit({ parents: [`00-${trace}-${'b'.repeat(16)}-01`, 'no trace parent'] }));
    await expect.poll(() => taken.spans.length, WITHIN).toBe(3);
    const [whole, ...stages] = taken.spans;
    expect(whole).toMatchObject({
      name: 'unit of work',
      startTimeUnixNano: '1700000000000000000',
      endTimeUnixNano: '1700000000001250000',
      links: [{ traceId: trace, spanId: 'b'.repeat(16) }],
    });
    expect(whole!.attributes).toEqual({
      'sluice.partition': 5,
      'sluice.impressions.records': 3,
      'sluice.impressions.offset.first': 10,
      'sluice.impressions.offset.last': 12,
    });
    expect(stages.map(({ name }) => name)).toEqual(['read', 'commit']);
    for (const each of stages) {
      expect(each).toMatchObject({ traceId: whole!.traceId, parentSpanId: whole!.spanId });
      expect(each.attributes).toMatchObject({ 'sluice.records.in': 3, 'sluice.records.refused': 1 });
    }
  });

  it('that failed says so with the code of the error, on the stage too', async () => {
    const taken = await collector();
    exporter(taken.url).unit(unit({ error: 'fenced' }));
    await expect.poll(() => taken.spans.length, WITHIN).toBe(3);
    const failed = taken.spans.filter(({ status }) => status?.code === 2);
    expect(failed.map(({ name }) => name)).toEqual(['unit of work', 'commit']);
    expect(failed[0]).toMatchObject({ attributes: { 'error.type': 'fenced' }, status: { message: 'fenced' } });
  });

  it('is told as often as telemetry.otlp.traceFraction says', async () => {
    const told = exporter('http://127.0.0.1:9', { traceFraction: 0.25, everyMs: 3_600_000 });
    for (let n = 0; n < 100; n++) told.unit(unit());
    expect(told.waitingCount).toBe(25);
  });

  it('comes with the headers of the environment variable', async () => {
    const taken = await collector();
    exporter(taken.url, { headers: 'authorization=Bearer%20secret, x-team=ads' });
    await expect.poll(() => taken.headers.length, WITHIN).toBeGreaterThan(0);
    expect(taken.headers[0]).toMatchObject({ authorization: 'Bearer secret', 'x-team': 'ads' });
  });
});

describe('a collector that is gone', () => {
  it('is one warning for each of the two, bounded memory, and no more than that; once it is back it gets what is left', async () => {
    const gone = await startCollector();
    await gone.close();
    const said: string[] = [];
    const say = (message: string) => void said.push(message);
    const told = exporter(gone.url, { logger: { ...silentLogger, warn: say, info: say } });
    told.unit(unit());
    await expect.poll(() => said.length, WITHIN).toBe(2);
    for (let n = 0; n < 3_000; n++) told.unit(unit({ partition: n }));
    expect(told.waitingCount).toBe(2_048);
    const back = await collector(gone.port);
    await expect.poll(() => said.length, WITHIN).toBe(4);
    expect(said).toEqual([
      'metrics are not taken; the stream goes on, and they are tried again',
      'traces are not taken; the stream goes on, and they are tried again',
      'metrics are taken again',
      'traces are taken again',
    ]);
    expect(told.waitingCount).toBe(0);
    const partitions = back.spans.flatMap(({ attributes }) => attributes['sluice.partition'] ?? []);
    expect(partitions).toEqual(Array.from({ length: 2_048 }, (_, n) => 3_000 - 2_048 + n));
  });

  it('that takes traces alone gets them, to the last', async () => {
    const taken = await collector(0, (path) => (path === '/v1/metrics' ? 404 : 200));
    const told = exporter(taken.url);
    told.unit(unit());
    await expect.poll(() => taken.spans.length, WITHIN).toBe(3);
    told.unit(unit());
    await told.close();
    expect(taken.spans).toHaveLength(6);
  });

  it.each([
    ['will never take it (400): it is dropped', 400, 0],
    ['asks for patience (503): it is kept', 503, 2],
  ])('that answers that it %s', async (_, status, left) => {
    const taken = await collector(0, (path) => (path === '/v1/traces' ? status : 200));
    const told = exporter(taken.url);
    told.unit(unit());
    told.unit(unit());
    const tracesAsked = () => taken.asked.filter((path) => path === '/v1/traces').length;
    await expect.poll(tracesAsked, WITHIN).toBeGreaterThan(left === 0 ? 0 : 1);
    await expect.poll(() => told.waitingCount, WITHIN).toBe(left);
  });
});

function seriesOf({ name, sum, gauge, histogram }: ReturnType<Collector['metrics']>[number]): string[] {
  const numbers = (sum ?? gauge)?.dataPoints.map(({ attributes, asDouble }) => line(name, plain(attributes), asDouble));
  const buckets = histogram?.dataPoints.flatMap(({ attributes, bucketCounts, explicitBounds, count, sum: total }) => {
    const labels = plain(attributes);
    let below = 0;
    return [
      ...bucketCounts.map((each, at) =>
        line(`${name}_bucket`, { le: explicitBounds[at] ?? '+Inf', ...labels }, (below += Number(each))),
      ),
      line(`${name}_sum`, labels, total),
      line(`${name}_count`, labels, Number(count)),
    ];
  });
  return [...(numbers ?? []), ...(buckets ?? [])];
}

function line(name: string, labels: Readonly<Record<string, string | number>>, value: number | string): string {
  const pairs = Object.entries(labels).map(([label, each]) => `${label}="${each}"`);
  return inOrder(`${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`);
}

/** Labels in one order. */
function inOrder(text: string): string {
  return text.replace(
    /\{(.*)\}/,
    (_, labels: string) =>
      `{${labels
        .split(/,(?=\w+=")/)
        .sort()
        .join()}}`,
  );
}

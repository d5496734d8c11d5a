import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PIPELINE } from '../../src/pipeline/stages/index.js';
import type { Accounting } from '../../src/app/accounting.js';
import { startCollector, plain, type Collector } from '../adapters/otlp/collector.js';

const MAIN = join(import.meta.dirname, '..', '..', 'dist', 'main.js');
const folder = mkdtempSync(join(tmpdir(), 'sluice-telemetry-'));
const events = join(folder, 'events');
const node = promisify(execFile);

/** A whole run of the built program over the events. */
async function runs(name: string, sets: readonly string[], env: Record<string, string> = {}): Promise<Accounting> {
  const settings = [
    `application=${name}`,
    `transport.path=${join(folder, name)}`,
    `privacy.keyFile=${join(folder, 'key')}`,
    'topics.partitions=2',
    'encoder.enabled=false',
    'retrain.proof.enabled=false',
    ...sets,
  ].flatMap((set) => ['--set', set]);
  const words = [MAIN, 'run', '--until-end', '--events', events, '--format', 'json', ...settings];
  const { stdout } = await node(process.execPath, words, { env: { ...process.env, ...env } });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Accounting;
}

beforeAll(async () => {
  await node(process.execPath, [MAIN, 'simulate', '--out', events, '--impressions', '2000', '--seed', '5']);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a run with telemetry.otlp.endpoint', () => {
  let collector: Collector;
  beforeAll(async () => {
    collector = await startCollector();
  });
  afterAll(() => collector.close());

  it.each([1, 2])(
    'tells each unit of work with its stages, and its metrics as they end, from %i threads',
    async (threads) => {
      collector.spans.length = 0;
      const { impressions, samples } = await runs(`threads-${threads}`, [
        `telemetry.otlp.endpoint=${collector.url}`,
        `run.threads=${threads}`,
      ]);
      expect(collector.refused).toEqual([]);
      const units = collector.spans.filter(({ parentSpanId }) => parentSpanId === undefined);
      expect(new Set(units.map(({ attributes }) => attributes['sluice.partition']))).toEqual(new Set([0, 1]));
      for (const { traceId, spanId } of units) {
        const stages = collector.spans.filter((span) => span.traceId === traceId && span.parentSpanId === spanId);
        expect(stages.map(({ name }) => name)).toEqual(PIPELINE.stages.map(({ name }) => name));
      }
      // Offsets of a partition leave no gap, and every message is in one unit.
      for (const input of ['impressions', 'interactions'] as const) {
        for (const partition of [0, 1]) {
          let next = 0;
          for (const { attributes } of units) {
            if (attributes['sluice.partition'] !== partition || attributes[`sluice.${input}.records`] === undefined)
              continue;
            expect(attributes[`sluice.${input}.offset.first`]).toBe(next);
            next += Number(attributes[`sluice.${input}.records`]);
            expect(attributes[`sluice.${input}.offset.last`]).toBe(next - 1);
          }
          expect(next).toBeGreaterThan(0);
        }
      }
      const total = (name: string, label: string, value: string): number | undefined => {
        const points = collector.metrics().find((metric) => metric.name === name)?.sum?.dataPoints;
        const point = points?.find(({ attributes }) => plain(attributes)[label] === value);
        return point && Number(point.asDouble);
      };
      expect(total('sluice_impressions_total', 'fate', 'read')).toBe(impressions.read);
      expect(total('sluice_samples_total', 'fate', 'kept')).toBe(samples.kept);
      expect(collector.resource()).toMatchObject({
        'service.name': `threads-${threads}`,
        'service.namespace': 'sluice',
      });
    },
  );

  it('comes to the same samples when nobody takes it', async () => {
    const gone = await startCollector();
    await gone.close();
    const alone = await runs('alone', []);
    const { samples } = await runs('gone', [`telemetry.otlp.endpoint=${gone.url}`, 'telemetry.otlp.everyMs=100']);
    expect(samples.seen).toBe(alone.samples.seen);
  });
});

describe('a run without it', () => {
  it('loads nothing of it', async () => {
    const loaded = async (name: string, sets: readonly string[]): Promise<readonly string[]> => {
      const coverage = join(folder, `${name}-coverage`);
      await runs(name, sets, { NODE_V8_COVERAGE: coverage });
      const files = readdirSync(coverage).map((file) => readFileSync(join(coverage, file), 'utf8'));
      return files.flatMap((text) => (JSON.parse(text) as { result: { url: string }[] }).result.map(({ url }) => url));
    };
    const ofTelemetry = (urls: readonly string[]) => urls.filter((url) => url.includes('adapters/otlp/'));
    expect(ofTelemetry(await loaded('off', []))).toEqual([]);
    expect(ofTelemetry(await loaded('on', ['telemetry.otlp.endpoint=http://127.0.0.1:9']))).not.toEqual([]);
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHttpServer, type HttpServer } from '../../src/adapters/http/index.js';
import type { Status } from '../../src/app/status.js';
import { span } from '../../src/cli/durations.js';
import { run } from './shell.js';

const folder = mkdtempSync(join(tmpdir(), 'sluice-status-'));
const SETS = [
  'application=looked-at',
  'transport.kind=embedded',
  `transport.path=${join(folder, 'data')}`,
  `privacy.keyFile=${join(folder, 'key')}`,
  'encoder.enabled=false',
  'http.enabled=off',
  'topics.partitions=2',
].flatMap((set) => ['--set', set]);
const events = join(folder, 'events');
const status = async (...words: string[]): Promise<{ status: number; told: Status }> => {
  const ran = await run(['status', ...SETS, '--format', 'json', ...words]);
  return { status: ran.status, told: JSON.parse(ran.stdout) as Status };
};

describe('sluice status', () => {
  let server: HttpServer;
  let isReady = true;

  beforeAll(async () => {
    await run(['simulate', '--out', events, '--impressions', '400', '--seed', '3']);
    const probe = () => ({
      ok: isReady,
      state: 'running' as const,
      sinceMs: 1,
      reasons: isReady ? [] : ['log-unreachable: no answer'],
    });
    const metrics = () => Promise.resolve({ contentType: 'text/plain', body: '' });
    server = await startHttpServer({ host: '127.0.0.1', port: 0, metrics, liveness: probe, readiness: probe });
  }, 60_000);
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('before a run everything is unread, and after it nothing', async () => {
    await run(['send', events, ...SETS]);
    const before = await status();
    expect(before).toMatchObject({ status: 0, told: { instance: null, watermarkMs: null, champion: null } });
    expect(before.told.lag.impressions).toBeGreaterThan(0);
    expect(before.told.oldestUnreadMs).toBeGreaterThanOrEqual(0);
    const { stdout } = await run(['run', ...SETS, '--until-end', '--format', 'json']);
    const { samples } = JSON.parse(stdout) as { samples: object };
    const { told } = await status();
    expect(told).toMatchObject({ lag: { impressions: 0, interactions: 0 }, oldestUnreadMs: null });
    expect(told.selection.samples).toEqual(samples);
    expect(told.partitions).toHaveLength(2);
    expect(told.watermarkMs).not.toBeNull();
    expect((await run(['status', ...SETS])).stdout).toMatch(/^application {3}looked-at on embedded\n/);
  }, 60_000);

  it('asks an instance, and ends with 4 when it is not ready or does not answer', async () => {
    isReady = true;
    expect(await status('--url', server.url)).toMatchObject({
      status: 0,
      told: { instance: { isReady: true, state: 'running' } },
    });
    isReady = false;
    const ailing = await status('--url', server.url);
    expect(ailing).toMatchObject({ status: 4, told: { instance: { alarms: ['log-unreachable: no answer'] } } });
    expect((await run(['status', ...SETS, '--url', server.url])).stdout).toContain('log-unreachable: no answer');
    const gone = await status('--url', 'http://127.0.0.1:9');
    expect(gone).toMatchObject({ status: 4, told: { instance: { state: null, isReady: false } } });
  });
});

describe('a length of time', () => {
  it.each([
    [0, '0 s'],
    [3_240, '3.2 s'],
    [60_000, '1 min'],
    [4 * 3_600_000 + 600_000, '4 h 10 min'],
    [86_400_000, '1 d'],
    [-1_500, '-1.5 s'],
  ])('of %i ms reads %s', (ms, text) => {
    expect(span(ms)).toBe(text);
  });
});

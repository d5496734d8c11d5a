import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHttpServer, type HttpServer } from '../../src/adapters/http/index.js';
import { createServer, type AddressInfo } from 'node:net';
import { ManualClock } from '../../src/adapters/memory/index.js';
import { statusOf, type Status, type StatusDeps, type TopicStatus, type Unanswered } from '../../src/app/status.js';
import { configSchema } from '../../src/config/schema.js';
import { SluiceError } from '../../src/errors.js';
import { span } from '../../src/cli/durations.js';
import { run } from './shell.js';

type Answered = Status & TopicStatus;

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
const status = async (...words: string[]): Promise<{ status: number; told: Answered }> => {
  const ran = await run(['status', ...SETS, '--format', 'json', ...words]);
  return { status: ran.status, told: JSON.parse(ran.stdout) as Answered };
};

describe('sluice status', () => {
  let server: HttpServer;
  let isReady = true;
  let reasons = ['log-unreachable: no answer'];

  beforeAll(async () => {
    await run(['simulate', '--out', events, '--impressions', '400', '--seed', '3']);
    const probe = () => ({
      ok: isReady,
      state: 'running' as const,
      sinceMs: 1,
      reasons: isReady ? [] : reasons,
    });
    const metrics = () => Promise.resolve({ contentType: 'text/plain', body: '' });
    server = await startHttpServer({ host: '127.0.0.1', port: 0, metrics, liveness: probe, readiness: probe });
  });
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
  });

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
    reasons = [
      'fetch: silent',
      'stuck-4: partition 4 waits',
      'stuck-11: partition 11 waits',
      'stuck-7: partition 7 waits',
    ];
    const stuck = (await run(['status', ...SETS, '--url', server.url])).stdout.split('\n');
    expect(stuck.filter((line) => line.startsWith('alarm'))).toEqual([
      'alarm         fetch: silent',
      'alarm         stuck-4: partition 4 waits; and 2 other partitions',
    ]);
    const gone = await status('--url', 'http://127.0.0.1:9');
    expect(gone).toMatchObject({ status: 4, told: { instance: { state: null, isReady: false } } });
  });
});

describe('sluice status where the topics do not answer', () => {
  it('ends with 4 when its time is up, and says who was asked for what', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
    try {
      const broker = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
      const kafka = ['transport.kind=kafka', `transport.brokers=${broker}`].flatMap((set) => ['--set', set]);
      const ran = await run(['status', ...SETS, ...kafka, '--timeout', '0.3']);
      expect(ran.status).toBe(4);
      expect(ran.stdout).toContain(`no answer within 0.3 s, while asking for a first answer of ${broker}`);
      expect(ran.stdout).toContain('`sluice lint --connect`');
    } finally {
      silent.close();
    }
  });

  const never = (): Promise<never> => new Promise(() => undefined);
  const answering: StatusDeps['transport'] = {
    prepare: () => Promise.resolve(),
    missingTopics: () => Promise.resolve([]),
    committedAll: () => Promise.resolve(new Map()),
    endOffsets: () => Promise.resolve([1]),
    partitionCount: () => Promise.resolve(1),
    reader: () =>
      Promise.resolve({
        poll: () => Promise.resolve([]),
        caughtUp: () => Promise.resolve(true),
        close: () => Promise.resolve(),
      }),
  };
  const looked = async (changed: Partial<StatusDeps['transport']>) => {
    const clock = new ManualClock();
    const config = configSchema.parse({ application: 'a', transport: { kind: 'kafka', brokers: 'b:1' } });
    const ask = () =>
      Promise.resolve({ ok: false, body: { state: 'running', sinceMs: 1, reasons: ['log-unreachable'] } });
    const status = statusOf({
      config,
      transport: { ...answering, ...changed },
      clock,
      withinMs: 10_000,
      url: 'u',
      ask,
    });
    // One that is thrown before the time is up is met below.
    status.catch(() => undefined);
    await clock.advance(10_000);
    return (await status) as Status & Unanswered;
  };

  it.each<[string, Partial<StatusDeps['transport']>]>([
    ['a first answer of b:1', { missingTopics: never }],
    ['the committed offsets', { committedAll: never }],
    ['the ends of the inputs', { endOffsets: never }],
    ['the oldest unread message of the impressions topic, partition 0', { reader: never }],
  ])('names the step that waits: %s; what the instance says stands beside it', async (step, changed) => {
    const status = await looked(changed);
    expect(status.unanswered).toEqual({ step, why: 'no answer within 10 s' });
    expect(status.instance?.alarms).toEqual(['log-unreachable']);
  });

  it('what may pass is told, and what the operator must change is thrown', async () => {
    const thrower = (error: SluiceError) => looked({ committedAll: () => Promise.reject(error) });
    expect(
      (await thrower(new SluiceError('kafka-unreachable', { brokers: 'b:1', why: 'gone' }))).unanswered.why,
    ).toContain('gone');
    await expect(thrower(new SluiceError('kafka-authentication', { why: 'password' }))).rejects.toThrow('password');
  });

  it('a topic that is missing is told and not made', async () => {
    const missingTopics = () => Promise.resolve([{ role: 'impressions', topic: 'p.impressions' } as const]);
    const prepare = () => Promise.reject(new Error('made topics'));
    expect((await looked({ missingTopics, prepare })).unanswered.why).toContain('p.impressions does not exist');
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

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.js';
import { embedded, World, Application, type Changes } from './fixture.js';
import { healthUrl, watchProbe } from './probes.js';
import { sluice, startSluice } from './process-child.js';

const IMPRESSIONS = 20_000;
const world = new World(embedded, { selection: { scorer: 'uniform', budget: 0.3 }, retrain: { pace: 'live' } });
let events = '';
let unbroken: Application;
let files = 0;

/** A config file of an application. */
function configFile(config: ConfigInput): string {
  const path = join(world.folder, `config${++files}.yaml`);
  writeFileSync(path, JSON.stringify(config));
  return path;
}

const running = (config: ConfigInput, ...words: string[]) =>
  startSluice(['run', '--config', configFile(config), '--format', 'json', '--log-level', 'info', ...words]);

/** A fresh application with all input on its topics. */
async function fed(changes: Changes = {}): Promise<Application> {
  const application = world.application(changes);
  await application.send(events);
  return application;
}

async function outputs(application: Application): Promise<Record<string, unknown[]>> {
  const of = async (topic: 'training' | 'audit' | 'late' | 'dead-letters') =>
    (await application.rows(topic))
      .map((row) =>
        JSON.stringify({
          ...row,
          id: undefined,
          sourceTimeMs: undefined,
          prediction: undefined,
          snapshotVersion: undefined,
        }),
      )
      .sort();
  return {
    training: await of('training'),
    audit: await of('audit'),
    late: await of('late'),
    deadLetters: await of('dead-letters'),
  };
}

beforeAll(async () => {
  events = join(world.folder, 'events');
  const size = ['--impressions', String(IMPRESSIONS), '--seed', '8'];
  sluice('simulate', '--out', events, ...size, '--late', '0.02', '--duplicates', '0.02', '--malformed', '0.1');
  unbroken = await fed();
  await unbroken.runToEnd();
});
afterAll(() => world.remove());

/** Ends the application's run by a child process and compares everything it has put out. */
async function expectUnbroken(application: Application): Promise<void> {
  await application.runToEnd();
  expect(await outputs(application)).toEqual(await outputs(unbroken));
}

describe('SIGTERM', () => {
  it('drains: the process ends by itself with status 0 and its accounting, and nothing is lost or doubled', async () => {
    const application = await fed();
    const child = running(application.config);
    await child.said('"state":"running"');
    await new Promise((resolve) => setTimeout(resolve, 150));
    child.signal('SIGTERM');
    const { status, stdout, stderr } = await child.ended;
    expect(status).toBe(0);
    expect(stderr).toContain('"state":"draining"');
    expect(stderr).toContain('"state":"stopped"');
    expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toHaveProperty('samples.seen');
    await expectUnbroken(application);
  });

  it('twice ends it at once, and nothing is lost or doubled', async () => {
    const application = await fed();
    const child = running(application.config);
    await child.said('"state":"running"');
    await new Promise((resolve) => setTimeout(resolve, 100));
    child.signal('SIGTERM');
    await child.said('SIGTERM: finishing');
    child.signal('SIGTERM');
    const { status } = await child.ended;
    // It may have drained in the meantime.
    expect([143, 0]).toContain(status);
    await expectUnbroken(application);
  });
});

describe('kill −9, again and again', () => {
  it('loses and doubles nothing: samples, late interactions and dead letters are those of the unbroken run', async () => {
    const application = await fed({ state: { checkpointEveryMs: 100 } });
    for (const afterMs of [0, 60, 150, 250, 400, 700]) {
      const child = running(application.config);
      await child.said('"state":"running"');
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      child.signal('SIGKILL');
      expect((await child.ended).signal).toBe('SIGKILL');
    }
    await expectUnbroken(application);
    expect((await outputs(unbroken))['deadLetters']!.length).toBeGreaterThan(100);
  });
});

describe.concurrent('what is outside and fails', () => {
  it('that never answers cannot keep a process that was told to drain longer than drain.timeoutMs', async () => {
    // Takes every request and answers none.
    let asked = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const silent = await listening(
      createServer((request) => (request.url?.includes('/schemas/ids/7') ? asked() : undefined)),
    );
    const application = world.application({
      wire: { inputFormat: 'confluent', registryUrl: urlOf(silent) },
      drain: { timeoutMs: 500 },
    });
    await application.withTransport((transport) =>
      transport.append([{ topic: 'impressions', key: null, value: Uint8Array.of(0, 0, 0, 0, 7, 1), partition: 0 }]),
    );
    const child = running(application.config);
    await child.said('"state":"running"');
    await isAsked;
    child.signal('SIGTERM');
    await child.said('a batch did not end within drain.timeoutMs');
    expect((await child.ended).status).toBe(0);
    silent.closeAllConnections();
    silent.close();
  });

  it('an unreachable registry is tried again, said at /ready, fails the run and then ends the process with status 4, code and remedy', async () => {
    const dead = await listening(createServer());
    const url = urlOf(dead);
    await new Promise((resolve) => dead.close(resolve));
    const application = world.application({
      wire: { inputFormat: 'confluent', registryUrl: url },
      http: { enabled: 'on', port: 0 },
    });
    await application.withTransport((transport) =>
      transport.append([{ topic: 'impressions', key: null, value: Uint8Array.of(0, 0, 0, 0, 7, 1), partition: 0 }]),
    );
    const child = running(application.config);
    const health = await healthUrl(child);
    const seen = watchProbe(health, 'ready', child.ended);
    const alive = watchProbe(health, 'live', child.ended);
    const { status, stderr } = await child.ended;
    expect(status).toBe(4);
    expect(stderr).toContain('error schema-registry-unreachable');
    expect(stderr).toMatch(/remedy: .*wire.registryUrl/);
    expect(stderr.match(/partition failed, restoring it/g)!.length).toBe(5);
    expect(stderr.indexOf('"state":"failed"')).toBeGreaterThan(0);
    expect(stderr.indexOf('"state":"failed"')).toBeLessThan(stderr.indexOf('error schema-registry-unreachable'));
    expect((await seen).refusals.join()).toContain('schema registry');
    // Half of the tries are left when it turns red, and the run goes on.
    const { refusals } = await alive;
    expect(refusals[0]).toContain('schema registry');
    expect(JSON.parse(refusals[0]!)).toMatchObject({ ok: false, state: 'running' });
  });

  it('a broker that is not there ends the process with status 4, code and remedy', async () => {
    const gone = await listening(createServer());
    const broker = urlOf(gone).replace('http://', '');
    await new Promise((resolve) => gone.close(resolve));
    const child = running({
      transport: {
        kind: 'kafka',
        brokers: broker,
        requestTimeoutMs: 500,
        stuckAfterMs: 3_000,
        sessionTimeoutMs: 1_000,
      },
      encoder: { enabled: false },
      http: { enabled: 'off' },
      privacy: { keyFile: join(world.folder, 'key') },
    });
    const { status, stderr } = await child.ended;
    expect(status).toBe(4);
    expect(stderr).toContain('error kafka-unreachable');
    expect(stderr).toMatch(/remedy: .*transport.brokers/);
  });

  it('a full disk ends the process with status 4 and store-full, and what was committed is whole', async () => {
    const disk = join(world.folder, 'disk');
    mkdirSync(disk);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk]);
    if (mounted.status !== 0) return void console.log('not run: a full disk needs root and mount to make one');
    // Also after a test that ran into its limit; lazily, since a process may still hold files there.
    onTestFinished(() => void spawnSync('umount', ['--lazy', disk]));
    const placed = world.application();
    const application = world.application();
    const path = join(disk, 'store');
    // Room for the input and a part of the output only.
    const config = {
      ...application.config,
      transport: { ...application.config.transport, path },
      selection: { ...placed.config.selection, budget: 1 },
    };
    const { status, stderr } = await running(config, '--until-end', '--events', events).ended;
    expect(stderr).toContain('error store-full');
    expect(stderr).toMatch(/remedy: Free disk space/);
    expect(status).toBe(4);
    expect(spawnSync('mount', ['-o', 'remount,size=400m', disk]).status).toBe(0);
    const roomy = new Application(config);
    const whole = await fed({ selection: { ...config.selection } });
    await whole.runToEnd();
    // The input may be in there in part only: it is sent again where the first run never came to reading it.
    await roomy.runToEnd();
    const ids = [...(await roomy.samples()).keys()];
    const expected = await whole.samples();
    expect(ids.filter((id) => !expected.has(id))).toEqual([]);
    expect(ids.length).toBe(expected.size);
  });
});

function listening(server: Server): Promise<Server> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import type { ControlRecord } from '../../src/app/control/control-log.js';
import { controlToken } from '../../src/app/control/token.js';
import { configSchema } from '../../src/config/schema.js';
import { run } from '../cli/shell.js';
import { embedded, World } from './fixture.js';
import { healthUrl } from './probes.js';
import { startSluice } from './process-child.js';

const TOKEN = 'sixteen characters';
const world = new World(embedded, { selection: { scorer: 'uniform', budget: 0.3 } });
afterAll(() => world.remove());

describe('control of a run', () => {
  it('reads its config again, refuses what cannot be, drains; every order stands on the topic: who, when, what, why', async () => {
    const tokenFile = join(world.folder, 'token');
    writeFileSync(tokenFile, `${TOKEN}\n`);
    const { config } = world.application({ http: { enabled: 'on', port: 0, control: true, tokenFile } });
    const file = join(world.folder, 'steered.yaml');
    const write = (budget: number, auditFraction = 0.05) =>
      writeFileSync(file, JSON.stringify({ ...config, selection: { ...config.selection, budget, auditFraction } }));
    write(0.3);
    const child = startSluice(['run', '--config', file, '--format', 'json', '--log-level', 'info']);
    onTestFinished(() => child.signal('SIGKILL'));
    const url = await healthUrl(child);
    await child.said('"state":"running"');
    const reload = (...words: string[]) =>
      run(['config', 'reload', '--config', file, '--url', url, '--reason', 'sale week', ...words]);
    const post = (action: string, body: object, token = TOKEN) =>
      fetch(`${url}/api/control/${action}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });

    write(0.1, 0.2);
    const applied = await reload();
    expect(applied.status, applied.stderr).toBe(0);
    expect(applied.stdout).toContain('applied: selection.budget; held back until a restart: selection.auditFraction');
    write(7);
    const invalid = await reload('--set', `http.tokenFile=${tokenFile}`);
    expect(invalid.status).toBe(2);
    write(0.1);

    expect((await post('drain', { why: 'x' }, 'some other token!')).status).toBe(401);
    expect((await post('promote', { why: 'no version' })).status).toBe(400);
    expect((await post('pin', {})).status).toBe(400);
    const pinned = await post('pin', { who: 'ana', why: 'nothing to pin' });
    expect(pinned.status).toBe(409);
    expect(await pinned.json()).toMatchObject({ code: 'snapshot-unknown' });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('sluice_control_orders_total{action="pin",outcome="failed"} 1');
    expect(metrics).toContain('sluice_control_turned_away_total 1');
    expect(metrics).toContain('sluice_budget_fraction 0.1');

    expect((await post('drain', { who: 'ana', why: 'the machine is needed' })).status).toBe(200);
    expect((await child.ended).status).toBe(0);

    const history = await run(['config', 'history', '--config', file, '--format', 'json']);
    const records = history.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as ControlRecord);
    expect(records.map(({ action, outcome, why }) => [action, outcome, why])).toEqual([
      ['reload', 'done', 'sale week'],
      ['pin', 'failed', 'nothing to pin'],
      ['drain', 'done', 'the machine is needed'],
    ]);
    expect(records[0]!.what).toMatchObject({
      applied: [{ path: 'selection.budget', before: '0.3', after: '0.1' }],
    });
    expect(records[2]).toMatchObject({
      who: 'ana',
      from: '127.0.0.1',
      instance: expect.stringMatching(/:\d+$/) as string,
    });
    expect(records.every(({ atMs }) => Number.isFinite(atMs))).toBe(true);
    const told = await run(['config', 'history', '--config', file]);
    expect(told.stdout).toContain('ana (127.0.0.1)');
  });
});

describe('the token', () => {
  const { http } = configSchema.parse({});

  it('is read from variable or file, without the line end, and must not be short', () => {
    const tokenFile = join(world.folder, 'short');
    writeFileSync(tokenFile, 'short\n');
    expect(controlToken(http, { SLUICE_CONTROL_TOKEN: ` ${TOKEN}\n` })).toBe(TOKEN);
    const refused = expect.objectContaining({ code: 'token-unusable' }) as Error;
    expect(() => controlToken(http, {})).toThrow(refused);
    expect(() => controlToken({ ...http, tokenFile }, {})).toThrow(refused);
  });
});

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { transformSync } from 'esbuild';
import { type Application, embedded, World } from '../fixture.js';
import { isValid } from '../../import/json-schema.js';
import { healthUrl } from '../probes.js';
import { type Child, startSluice } from '../process-child.js';

const ROOT = join(import.meta.dirname, '../../..');
const TOKEN = 'sixteen characters';
const world = new World(embedded, {
  selection: { budget: 1, auditFraction: 0 },
  join: { attributionWindowMs: 2_000, allowedLatenessMs: 1_000, idleTimeoutMs: 1_000, lateRetentionMs: 60_000 },
  clean: { maxFutureMs: 1_000 },
});
afterAll(() => world.remove());

const list = (requestId: string, more: object = {}): object => ({
  requestId,
  eventTimeMs: Date.now(),
  surface: 'SEARCH',
  sessionId: 's1',
  items: [
    { itemId: 'a', position: 1 },
    { itemId: 'b', position: 2 },
  ],
  ...more,
});
const click = (requestId: string): object => ({
  interactionId: `click-${requestId}`,
  eventTimeMs: Date.now(),
  type: 'CLICK',
  sessionId: 's1',
  itemId: 'b',
  requestId,
});

/** A program of docs/examples, and what must be there to run it. */
interface Producer {
  readonly language: string;
  readonly needs: string;
  readonly program: string;
  readonly words: readonly string[];
  /** Its source, for one that is read from stdin. */
  readonly input?: string;
}

describe('events over HTTP', () => {
  let child: Child;
  let url = '';
  let app: Application;

  beforeEach(async () => {
    const eventsTokenFile = join(world.folder, 'events-token');
    writeFileSync(eventsTokenFile, `${TOKEN}\n`);
    app = world.application({
      http: { enabled: 'on', port: 0, events: true, eventsTokenFile, eventsMaxBytes: 10_000 },
    });
    const file = join(world.folder, 'door.yaml');
    writeFileSync(file, JSON.stringify(app.config));
    child = startSluice(['run', '--config', file, '--log-level', 'info']);
    url = await healthUrl(child);
    await child.said('"state":"running"');
  });
  afterEach(async () => {
    child.signal('SIGTERM');
    await child.ended;
  });

  const post = async (input: string, body: string | object, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${url}/v1/${input}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };

  /** Ends the run and closes every window. */
  const samples = async (): Promise<string[]> => {
    child.signal('SIGTERM');
    await child.ended;
    await app.runToEnd();
    return [...(await app.samples()).values()].map(({ sampleId, label }) => `${sampleId} ${label}`).sort();
  };

  it('one, an array or one a line: accepted when durable, twice is once, refused whole with field and remedy', async () => {
    expect(await post('impressions', list('r1'))).toEqual({ status: 200, body: { accepted: 1 } });
    expect(await post('impressions', [list('r2'), list('r3')])).toEqual({ status: 200, body: { accepted: 2 } });
    expect(await post('interactions', `${JSON.stringify(click('r1'))}\n\n${JSON.stringify(click('r3'))}\n`)).toEqual({
      status: 200,
      body: { accepted: 2 },
    });
    expect((await post('impressions', list('r1'))).status).toBe(200);
    expect((await post('interactions', click('r1'))).status).toBe(200);

    const half = [list('r4'), list('r5', { items: [{ itemId: 'a', position: 1 }, { itemId: 'b' }] })];
    expect(await post('impressions', half)).toMatchObject({
      status: 422,
      body: {
        error: '1 of 2 events are refused; nothing was written',
        refused: [
          {
            event: 2,
            field: 'items[1].position',
            code: 'missing-field',
            reason: 'required field items[1].position is missing or empty',
            remedy: expect.stringContaining('itemId') as string,
          },
        ],
      },
    });
    expect(await post('interactions', `${JSON.stringify(click('r2'))}\n{"half":`)).toMatchObject({
      status: 422,
      body: { refused: [{ event: 2, field: null, code: 'undecodable' }] },
    });
    expect(await post('interactions', ' ')).toMatchObject({ status: 400 });
    const far = await post('impressions', list('r6', { eventTimeMs: Date.now() + 86_400_000 }));
    expect(far).toMatchObject({ status: 422, body: { refused: [{ code: 'time-in-future' }] } });

    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('sluice_door_events_total{input="impressions",outcome="accepted"} 4');
    expect(metrics).toContain('sluice_door_events_total{input="interactions",outcome="accepted"} 3');
    expect(metrics).toContain('sluice_door_events_total{input="impressions",outcome="refused"} 3');
    expect(await samples()).toEqual(['r1#1 0', 'r1#2 1', 'r2#1 0', 'r2#2 0', 'r3#1 0', 'r3#2 1']);
  });

  it('is for whoever brings the token, and bounded', async () => {
    expect((await post('impressions', list('r1'), { authorization: 'Bearer some other token!' })).status).toBe(401);
    expect((await post('impressions', list('r1'), { authorization: '' })).status).toBe(401);
    expect(await post('impressions', list('r1', { query: 'x'.repeat(20_000) }))).toMatchObject({
      status: 413,
      body: { remedy: expect.stringContaining('http.eventsMaxBytes') as string },
    });
    expect((await post('impressions', list('r1'), { 'content-encoding': 'gzip' })).status).toBe(415);
    expect((await fetch(`${url}/v1/impressions`)).status).toBe(404);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('sluice_door_turned_away_total 4');
    expect(await samples()).toEqual([]);
  });

  it('the producers of docs/examples send what the JSON Schemas take and a run makes samples of', async () => {
    const folder = join(ROOT, 'docs/examples/produce');
    const env = { ...process.env, SLUICE_EVENTS_TOKEN: TOKEN };
    const typescript = transformSync(readFileSync(join(folder, 'produce.ts'), 'utf8'), { loader: 'ts' }).code;
    const producers: readonly Producer[] = [
      { language: 'python', needs: 'python3', program: 'python3', words: [join(folder, 'produce.py'), url] },
      {
        language: 'typescript',
        needs: process.execPath,
        program: process.execPath,
        words: ['-', url],
        input: typescript,
      },
      { language: 'java', needs: 'javac', program: 'java', words: [join(folder, 'Produce.java'), url] },
    ];
    const able = producers.filter(({ needs }) => spawnSync(needs, ['--version']).status === 0);
    const missing = producers.filter((one) => !able.includes(one)).map(({ needs }) => needs);
    if (missing.length > 0) console.warn(`skipped: producers that need ${missing.join(', ')}`);
    if (process.env['CI'] === 'true') expect(missing).toEqual([]);
    for (const { program, words, input } of able) {
      const { status, stderr } = spawnSync(program, words, { env, encoding: 'utf8', ...(input ? { input } : {}) });
      expect(stderr).toBe('');
      expect(status).toBe(0);
    }
    expect(await samples()).toEqual(able.flatMap(({ language: of }) => [`${of}-1#1 0`, `${of}-1#2 1`]).sort());
  });
});

describe('the JSON Schemas of events', () => {
  const schema = (name: string) =>
    JSON.parse(readFileSync(join(ROOT, `schemas/${name}.schema.json`), 'utf8')) as Record<string, unknown>;

  it('take what is right and refuse what lacks a field', () => {
    expect(isValid(schema('ImpressionList'), list('r', { more: 1 }))).toBe(true);
    expect(isValid(schema('ImpressionList'), list('r', { surface: 'TV' }))).toBe(false);
    expect(isValid(schema('ImpressionList'), list('r', { items: [{ itemId: 'a' }] }))).toBe(false);
    expect(isValid(schema('Interaction'), click('r'))).toBe(true);
    const { itemId: _, ...without } = click('r') as { itemId: string };
    expect(isValid(schema('Interaction'), without)).toBe(false);
  });
});

describe('the page on events over HTTP', () => {
  const page = readFileSync(join(ROOT, 'docs/how/http.md'), 'utf8');

  it('takes a reader from nothing to the first sample by its own commands', async () => {
    const folder = join(world.folder, 'page');
    mkdirSync(folder);
    for (const name of ['dist', 'schemas']) symlinkSync(join(ROOT, name), join(folder, name));
    const port = await freePort();
    const commands = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) =>
      block!.replaceAll('9464', String(port)),
    );
    expect(commands.length).toBe(3);
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SLUICE_')));
    const script = `set -euo pipefail\ntrap 'kill $run 2>/dev/null || true' EXIT\n${commands.join('\n')}\nwait $run`;
    const { status, stdout, stderr } = spawnSync('bash', ['-c', script], {
      cwd: folder,
      env,
      encoding: 'utf8',
      timeout: 600_000,
    });
    expect(status, stderr).toBe(0);
    // Every other part between fences is a block; what the commands print stands in those that name no language, or json.
    const printed = page
      .split('```')
      .filter((part, at) => at % 2 === 1 && /^(?:json)?\n(?:\{"accepted|r1#)/.test(part))
      .map((part) => part.slice(part.indexOf('\n') + 1));
    expect(printed.length).toBe(2);
    expect(stdout).toContain(printed.join(''));
  }, 300_000);
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address!.port : 0));
    });
  });
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { readEventStream } from '../../../src/adapters/system/read-stream.js';
import { run } from '../../cli/shell.js';
import { writeFileSync } from 'node:fs';
import { embedded, World } from '../fixture.js';
import { healthUrl } from '../probes.js';
import { startSluice } from '../process-child.js';

const world = new World(embedded, {
  selection: { scorer: 'uniform', budget: 0.3 },
  join: { attributionWindowMs: 60_000, allowedLatenessMs: 1_000, idleTimeoutMs: 300 },
  http: { enabled: 'on', port: 0 },
});
afterAll(() => world.remove());

describe('a run that is looked at', () => {
  it('shows samples as they are chosen, messages with pseudonyms, and itself in `sluice top`', async () => {
    const { config } = world.application();
    const file = join(world.folder, 'tapped.yaml');
    writeFileSync(file, JSON.stringify(config));
    const events = join(world.folder, 'tapped');
    await run(['simulate', '--out', events, '--impressions', '600', '--seed', '4']);
    const raw = readFileSync(join(events, 'impressions.ndjson'), 'utf8');
    const people = new Set([...raw.matchAll(/"(?:sessionId|userId)":"([^"]+)"/g)].map(([, id]) => id!));
    const child = startSluice(['run', '--config', file, '--format', 'json', '--log-level', 'info']);
    onTestFinished(() => child.signal('SIGKILL'));
    const url = await healthUrl(child);
    await child.said('"state":"running"');

    const query = new URLSearchParams({ where: 'fate = kept', limit: '5' }).toString();
    const listening = readEventStream(`${url}/api/tap/select?${query}`, AbortSignal.timeout(120_000));
    const first = listening.next();
    const samples: Record<string, unknown>[] = [];
    // Messages pass again and again; samples are made of the first time.
    let isOver = false;
    const sending = (async () => {
      for (let i = 0; !isOver; i++) {
        const more = join(world.folder, `tapped-${i}`);
        await run(['simulate', '--out', more, '--impressions', '300', '--seed', String(50 + i)]);
        await run(['send', more, '--config', file]);
        await run(['send', events, '--config', file]);
      }
    })();
    try {
      samples.push(JSON.parse((await first).value!.data) as Record<string, unknown>);
      for await (const { data } of listening) samples.push(JSON.parse(data) as Record<string, unknown>);
      expect(samples).toHaveLength(5);
      for (const sample of samples) {
        expect(sample).toMatchObject({ kind: 'sample', fate: 'kept', partition: expect.any(Number) as number });
        expect(people.has(String(sample.sessionPseudonym))).toBe(false);
        expect(sample.importanceWeight).toBeCloseTo(1 / Number(sample.inclusionProbability), 12);
      }

      const tapped = await run(['tap', 'pseudonymise', '--where', 'kind = list', '--limit', '3', '--url', url]);
      expect(tapped.status, tapped.stderr).toBe(0);
      const lists = tapped.stdout.trimEnd().split('\n');
      expect(lists).toHaveLength(3);
      for (const line of lists) {
        const list = JSON.parse(line) as Record<string, unknown>;
        expect(list).toMatchObject({ kind: 'list', input: 'impressions' });
        for (const [name, value] of Object.entries(list))
          if (/pseudonym/i.test(name)) expect(people.has(String(value)), name).toBe(false);
      }
    } finally {
      isOver = true;
      await sending;
    }

    const refused = await run(['tap', 'select', '--where', 'what?', '--url', url]);
    expect(refused.status).toBe(4);
    expect(refused.stderr).toContain('does not understand');
    const top = await run(['top', '--url', url, '--url', 'http://127.0.0.1:1', '--count', '1']);
    expect(top.status).toBe(4);
    expect(top.stdout).toMatch(/^instance +state +impressions\/s/);
    expect(top.stdout).toMatch(/:\d+ +running +\d/);
    expect(top.stdout).toContain('no answer');
    expect((await run(['top', '--url', url, '--count', '1'])).status).toBe(0);
  });
});

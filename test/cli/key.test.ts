import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createPseudonymiser } from '../../src/adapters/hmac/index.js';
import { run } from './shell.js';

const folder = mkdtempSync(join(tmpdir(), 'sluice-key-'));
const keyFile = join(folder, 'pseudonym.key');
const KEY = 'a key of forty characters, for one test.';
const settings = (...more: readonly string[]): string[] =>
  [
    `privacy.keyFile=${keyFile}`,
    `transport.path=${join(folder, 'store')}`,
    'encoder.enabled=false',
    'http.enabled=off',
    'selection.budget=1',
    ...more,
  ].flatMap((set) => ['--set', set]);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the pseudonyms of one’s own ids', () => {
  const keyed = createPseudonymiser(Buffer.from(KEY));
  writeFileSync(keyFile, `${KEY}\n`, { mode: 0o600 });

  it('are printed one a line, of the kind that is asked for', async () => {
    const ids = ['anna@example.com/17', '-1'];
    const { status, stdout } = await run(['key', 'pseudonym', ...settings(), '--', ...ids]);
    expect([status, stdout]).toEqual([0, `${ids.map((id) => `${keyed.pseudonym('request', id)}\n`).join('')}`]);
    const ofUser = await run(['key', 'pseudonym', 'anna', '--kind', 'user', '--format', 'json', ...settings()]);
    expect(JSON.parse(ofUser.stdout)).toEqual({ id: 'anna', pseudonym: keyed.pseudonym('user', 'anna') });
    const own = createPseudonymiser(Buffer.from(KEY), { application: 'app' });
    const ofApplication = settings('privacy.scope=application', 'application=app');
    expect((await run(['key', 'pseudonym', 'anna', ...ofApplication])).stdout).toBe(
      `${own.pseudonym('request', 'anna')}\n`,
    );
  });

  it('need the key: a missing one is an error, and none is made', async () => {
    const missing = ['--set', `privacy.keyFile=${join(folder, 'none.key')}`];
    const { status, stderr } = await run(['key', 'pseudonym', 'anna', ...missing]);
    expect(status).not.toBe(0);
    expect(stderr).toContain('none.key');
  });

  it('are what a hidden sample is found by: sluice explain takes the id as sent, and as it went out', async () => {
    const events = join(folder, 'events');
    mkdirSync(events);
    const list = {
      requestId: 'anna@example.com/17',
      eventTimeMs: 1_700_000_000_000,
      surface: 'SEARCH',
      sessionId: 's',
      userId: 'anna@example.com',
      items: [{ itemId: 'i', position: 1 }],
    };
    writeFileSync(join(events, 'impressions.ndjson'), `${JSON.stringify(list)}\n`);
    writeFileSync(join(events, 'interactions.ndjson'), '');
    const ran = await run(['run', '--events', events, '--until-end', '--format', 'json', ...settings()]);
    expect(ran.status).toBe(0);
    expect(JSON.parse(ran.stdout)).toMatchObject({ identifyingIds: 1 });
    const sampleId = `${keyed.pseudonym('request', list.requestId)}#1`;
    for (const id of [`${list.requestId}#1`, sampleId]) {
      const explained = await run(['explain', id, '--format', 'json', ...settings()]);
      expect((JSON.parse(explained.stdout) as { sample: object }).sample).toMatchObject({ sampleId, itemId: 'i' });
    }
    const keyless = ['--set', `privacy.keyFile=${join(folder, 'none.key')}`];
    expect((await run(['explain', sampleId, ...settings(), ...keyless])).status).toBe(0);
    expect((await run(['explain', `${list.requestId}#1`, ...settings(), ...keyless])).status).not.toBe(0);
  });
});

describe('a key that takes the place of another', () => {
  it('is made beside it, with what to start with, and never over another file', async () => {
    const next = join(folder, 'next.key');
    const rotated = await run(['key', 'rotate', '--out', next, ...settings()]);
    const { keyId } = createPseudonymiser(Buffer.from(KEY));
    expect([rotated.status, rotated.stdout]).toEqual([
      0,
      `privacy:\n  keyFile: ${JSON.stringify(next)}\n  replaces: '${keyId}'\n`,
    ]);
    expect(readFileSync(next, 'utf8').trim()).toMatch(/^[0-9a-f]{64}$/);
    expect(statSync(next).mode & 0o777).toBe(0o600);
    const again = await run(['key', 'rotate', '--out', next, ...settings()]);
    expect([again.status, again.stdout]).toEqual([2, '']);
    expect(again.stderr).toContain('key-exists');
  });
});

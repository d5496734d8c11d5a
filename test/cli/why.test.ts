import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WhyAnswer } from '../../src/app/why/fate.js';
import { run } from './shell.js';

const T0 = Date.UTC(2026, 0, 5);
const folder = mkdtempSync(join(tmpdir(), 'sluice-why-'));
const configFile = join(folder, 'sluice.yaml');

const list = (requestId: string, atMs: number, sessionId: string, itemIds: readonly string[]): object => ({
  requestId,
  eventTimeMs: T0 + atMs,
  surface: 'SEARCH',
  sessionId,
  userId: 'u-secret',
  items: itemIds.map((itemId, index) => ({ itemId, position: index + 1 })),
});
const click = (interactionId: string, atMs: number, rest: object): object => ({
  interactionId,
  eventTimeMs: T0 + atMs,
  type: 'CLICK',
  ...rest,
});

function writeEvents(name: string, impressions: readonly (object | string)[], interactions: readonly object[]): string {
  const at = join(folder, name);
  mkdirSync(at);
  const text = (lines: readonly (object | string)[]): string =>
    lines.map((one) => `${typeof one === 'string' ? one : JSON.stringify(one)}\n`).join('');
  writeFileSync(join(at, 'impressions.ndjson'), text(impressions));
  writeFileSync(join(at, 'interactions.ndjson'), text(interactions));
  return at;
}

const ask = async (...words: string[]): Promise<{ status: number; answer: WhyAnswer; text: string }> => {
  const { status, stdout } = await run(['why', ...words, '--config', configFile, '--format', 'json']);
  return { status, answer: JSON.parse(stdout) as WhyAnswer, text: stdout };
};
const fatesOf = ({ answer }: { answer: WhyAnswer }): unknown[] => answer.fates.map(({ details }) => details.fate);

beforeAll(async () => {
  writeFileSync(join(folder, 'key'), 'a pseudonym key for tests\n', { mode: 0o600 });
  writeFileSync(
    configFile,
    JSON.stringify({
      application: 'why',
      transport: { kind: 'embedded', path: join(folder, 'data') },
      topics: { partitions: 4 },
      privacy: { keyFile: join(folder, 'key') },
      encoder: { enabled: false },
      selection: { scorer: 'uniform', budget: 1, auditFraction: 0 },
      http: { enabled: 'off' },
    }),
  );
  const events = writeEvents(
    'events',
    [
      list('req-1', 0, 's-secret', ['hat', 'coat']),
      list('req-2', 1_000, 's-other', ['hat', 'hat', 'shoe']),
      '{"requestId":"req-cut","eventTimeMs":',
    ],
    [
      click('c-1', 2_000, { sessionId: 's-secret', itemId: 'hat', requestId: 'req-1' }),
      click('c-s-secret', 3_000, { sessionId: 's-secret', itemId: 'coat' }),
    ],
  );
  expect((await run(['run', '--config', configFile, '--events', events, '--until-end'])).status).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('sluice why', () => {
  it('tells of a request all its impressions, in JSON and in sentences', async () => {
    const asked = await ask('req-1');
    expect(asked.status).toBe(0);
    expect(asked.answer.fates.map(({ id }) => id)).toEqual(['req-1#1', 'req-1#2']);
    expect(fatesOf(asked)).toEqual(['kept', 'kept']);
    const { stdout } = await run(['why', 'req-1', '--config', configFile]);
    expect(stdout).toContain('Kept with π 1: it is a sample at training ');
  });

  it('tells of one sample what explain tells', async () => {
    const { stdout } = await run(['why', 'req-1#1', '--config', configFile]);
    const explained = (await run(['explain', 'req-1#1', '--config', configFile])).stdout;
    expect(stdout).toContain(explained.split('\n\n')[0]);
  });

  it('tells of a click which impression it joined and what became of that', async () => {
    expect((await ask('c-1')).answer.fates[0]!.details).toMatchObject({
      fate: 'joined',
      impression: { sampleId: 'req-1#1', fate: { fate: 'kept' } },
    });
  });

  it('reads the partition of the session alone', async () => {
    const { answer } = await ask('req-1', '--session', 's-secret');
    expect(fatesOf({ answer })).toEqual(['kept', 'kept']);
    expect(answer.lookedAt.partitions).toHaveLength(1);
    expect((await ask('req-1')).answer.lookedAt.partitions).toHaveLength(4);
  });

  it('looks on the other partitions when the session’s has nothing, and says where it lies', async () => {
    const { answer } = await ask('req-2', '--session', 'not-its-session');
    expect(fatesOf({ answer })).toContain('kept');
  });

  it('finds the dead letter of a message that cannot be read', async () => {
    const { answer } = await ask('req-cut');
    expect(answer.fates[0]).toMatchObject({
      subject: 'message',
      details: { fate: 'dead-letter', code: 'undecodable', at: { topic: 'dead-letters' } },
    });
  });

  it('says that an id never arrived, between when and when, and ends with 3', async () => {
    const { status, answer } = await ask('req-9');
    expect(status).toBe(3);
    expect(answer.fates).toEqual([]);
    expect(answer.lookedAt.messages).toBe(5);
    const { stdout } = await run(['why', 'req-9', '--config', configFile]);
    expect(stdout).toMatch(/^req-9 never arrived between 20\d\d-.*Z and 20\d\d-.*Z: it is in none of 5 messages/);
  });

  it('looks at what was written in a time, and at nothing else', async () => {
    const before = await ask('req-1', '--until', '2020-01-01');
    expect(before.answer.lookedAt.messages).toBe(0);
    // Outputs were written later, and tell all the same.
    expect(before.answer.fates.map(({ place, details }) => [place, details.fate])).toEqual([
      [null, 'kept'],
      [null, 'kept'],
    ]);
    const after = await ask('req-1', '--since', '2200-01-01');
    expect(after).toMatchObject({ status: 3, answer: { fates: [], lookedAt: { messages: 0 } } });
    expect(fatesOf(await ask('req-1', '--since', '2020-01-01'))).toEqual(['kept', 'kept']);
  });

  it('names no person, whatever was asked', async () => {
    for (const id of ['req-1', 'req-2', 'c-1', 'req-1#2']) {
      const { text } = await ask(id);
      const { stdout, stderr } = await run(['why', id, '--config', configFile]);
      for (const one of [text, stdout, stderr]) expect(one).not.toMatch(/s-secret|u-secret|s-other/);
    }
  });

  it('takes an id as it went out', async () => {
    const { answer } = await ask('req-1');
    const { stdout } = await run(['key', 'pseudonym', 'c-s-secret', '--config', configFile]);
    const hidden = stdout
      .trim()
      .split(/\s+/)
      .find((word) => /^[0-9a-f]{32}$/.test(word))!;
    const asked = await ask(hidden);
    expect(asked.answer.fates[0]).toMatchObject({
      subject: 'interaction',
      id: hidden,
      details: { fate: 'joined' },
    });
    expect(answer.fates).toHaveLength(2);
  });

  it('refuses a time that is none', async () => {
    expect(await run(['why', 'x', '--since', 'yesterday'])).toMatchObject({ status: 2, stdout: '' });
  });
});

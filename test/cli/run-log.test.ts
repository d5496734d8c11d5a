import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
const folder = mkdtempSync(join(tmpdir(), 'sluice-log-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('sluice run, its stderr in a pipe', () => {
  const events = join(folder, 'events');
  const file = join(folder, 'sluice.yaml');
  writeFileSync(
    file,
    JSON.stringify({
      application: 'logged',
      transport: { kind: 'embedded', path: join(folder, 'data') },
      encoder: { enabled: false },
      selection: { budget: 0.2 },
      join: { attributionWindowMs: 60_000, lateRetentionMs: 1_000 },
      privacy: { keyFile: join(folder, 'key') },
    }),
  );
  const sluice = (...words: string[]) =>
    spawnSync(process.execPath, [MAIN, ...words], {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '', NODE_ENV: 'production' },
    });

  it('is JSON, every line, and tells of the start, the settings and each partition’s course', () => {
    expect(sluice('simulate', '--out', events, '--impressions', '300', '--seed', '2').status).toBe(0);
    const { status, stdout, stderr } = sluice('run', '--config', file, '--events', events, '--until-end');
    expect(status, stderr).toBe(0);
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const named = (msg: string): Record<string, unknown> | undefined => lines.find((line) => line['msg'] === msg);
    expect(lines[0]).toMatchObject({
      msg: 'sluice starts',
      application: 'logged',
      settings: { 'selection.budget': 0.2, 'encoder.enabled': false },
    });
    expect(lines[0]!['version']).toMatch(/^\d+\.\d+\.\d+/);
    expect(lines[0]!['settings']).not.toHaveProperty('selection.throttle');
    expect(named('partition assigned')).toMatchObject({ partition: 0 });
    expect(named('partition restored')).toMatchObject({ partition: 0, samplesSeen: 0 });
    expect(named('partition given back')).toMatchObject({ partition: 0, isFinished: true });
    expect(stdout).toMatch(/^Since its beginning the application has read 300 impressions and /);
    const again = sluice('run', '--config', file, '--until-end');
    expect(again.stderr).toContain('"samplesSeen":300');
  });
});

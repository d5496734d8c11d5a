import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { listOptions } from '../../src/config/options.js';
import { run } from './shell.js';

const folder = mkdtempSync(join(tmpdir(), 'sluice-echo-'));
const file = join(folder, 'sluice.yaml');
writeFileSync(file, 'application: shop\nselection:\n  budget: 0.2\nwire:\n  registryUrl: http://registry:8081\n');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Told {
  readonly path: string;
  readonly value: unknown;
  readonly source: string;
}
const echo = async (words: readonly string[], env: Record<string, string> = {}): Promise<Map<string, Told>> => {
  const { stdout } = await run(['echo', '--config', file, '--format', 'json', ...words], env);
  return new Map((JSON.parse(stdout) as { options: Told[] }).options.map((one) => [one.path, one]));
};

describe('sluice echo', () => {
  it('tells of every option its value and where that came from: file line, variable, flag or default', async () => {
    const told = await echo(['--set', 'selection.salt=x', '--log-level', 'warn'], {
      SLUICE_JOIN_ALLOWED_LATENESS_MS: '7',
    });
    expect([...told.keys()].sort()).toEqual(
      listOptions()
        .map(({ path }) => path)
        .sort(),
    );
    expect(told.get('selection.budget')).toMatchObject({ value: 0.2, source: `${file}:3` });
    expect(told.get('selection.salt')).toMatchObject({
      value: expect.stringMatching(/^sha256:/) as string,
      source: '--set',
    });
    expect(told.get('log.level')).toMatchObject({ value: 'warn', source: '--set' });
    expect(told.get('join.allowedLatenessMs')).toMatchObject({ value: 7, source: 'SLUICE_JOIN_ALLOWED_LATENESS_MS' });
    expect(told.get('selection.throttle')).toMatchObject({ source: 'default' });
  });

  it('leaves defaults out where it is asked to, and shows no secret', async () => {
    const secrets = { SLUICE_PSEUDONYM_KEY: 'hush', SLUICE_KAFKA_PASSWORD: 'hush' };
    const { stdout } = await run(['echo', '--config', file, '--changed'], secrets);
    expect(stdout.split('\n').filter((line) => line !== '')).toHaveLength(3);
    expect(stdout).not.toContain('hush');
  });

  it('refuses a config that is none', async () => {
    expect(await run(['echo', '--set', 'selection.bugdet=1'])).toMatchObject({ status: 2, stdout: '' });
  });
});

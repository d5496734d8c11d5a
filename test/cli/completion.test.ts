import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './shell.js';

const folder = mkdtempSync(join(tmpdir(), 'sluice-completion-'));
const script = join(folder, 'sluice.bash');

beforeAll(async () => writeFileSync(script, (await run(['completion', 'bash'])).stdout));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What bash offers when the last of these words is under the cursor. */
function offered(...words: readonly string[]): string[] {
  const asked =
    'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sluice; printf "%s\\n" "${COMPREPLY[@]}"';
  const text = execFileSync('bash', ['-c', asked, 'bash', script, 'sluice', ...words], {
    cwd: folder,
    encoding: 'utf8',
  });
  return text.split('\n').filter((line) => line !== '');
}

describe('completion in bash', () => {
  it('offers verbs that begin alike, and all of them where nothing is typed', () => {
    expect(offered('wh')).toEqual(['why']);
    expect(offered('')).toEqual(expect.arrayContaining(['run', 'status', 'dead-letters', 'completion']));
  });

  it('offers the verbs of a family, and behind one its options with those of the program', () => {
    expect(offered('dead-letters', 'req')).toEqual(['requeue']);
    expect(offered('dead-letters', 'requeue', '--pa')).toEqual(['--patch']);
    expect(offered('--log-level', 'warn', 'dead-letters', 'requeue', '--log')).toEqual(['--log-level']);
    expect(offered('why', 'req-1', '--s')).toEqual(expect.arrayContaining(['--session', '--since', '--set']));
  });

  it('offers the values that an option or an argument takes, else files', () => {
    expect(offered('why', 'x', '--format', '')).toEqual(['json', 'text']);
    expect(offered('--log-level', 'd')).toEqual(['debug']);
    expect(offered('dump', 'a')).toEqual(['audit']);
    expect(offered('run', '--config', 'slu')).toEqual(['sluice.bash']);
  });

  it.each(['bash', 'zsh', 'fish'])('is made for %s of every verb', async (shell) => {
    const { status, stdout } = await run(['completion', shell]);
    expect(status).toBe(0);
    for (const word of ['dead-letters', 'requeue', 'explain', 'log-level']) expect(stdout).toContain(word);
  });
});

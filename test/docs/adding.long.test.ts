import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT, textOf } from './pages.js';

const DIFFS = [...textOf('docs/why/adding.md').matchAll(/^```diff\n(.*?)^```/gms)].map(([, diff]) => diff!);
let copy: string;

/** Runs a program of the repository in the copy; what it printed on stdout. Throws with that when it fails. */
function run(program: string, ...words: string[]): string {
  const path = join(program.startsWith('dist/') ? copy : join(ROOT, 'node_modules'), program);
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...words], { cwd: copy, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stdout}${stderr}`);
  return stdout;
}

describe('what docs/why/adding.md says', () => {
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'sluice-adding-'));
    for (const part of [
      'src',
      'test',
      'schemas',
      'scripts',
      'package.json',
      'tsconfig.json',
      'tsconfig.build.json',
      'vitest.config.ts',
    ])
      cpSync(join(ROOT, part), join(copy, part), { recursive: true });
    for (const part of ['node_modules', 'models']) symlinkSync(join(ROOT, part), join(copy, part));
    writeFileSync(join(copy, 'page.diff'), DIFFS.join(''));
    execFileSync('git', ['apply', 'page.diff'], { cwd: copy, stdio: ['ignore', 'pipe', 'pipe'] });
  });

  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  test('applies to the code as it is, and compiles', () => {
    expect(DIFFS.length).toBeGreaterThan(0);
    expect(run('typescript/bin/tsc', '-p', 'tsconfig.build.json')).toBe('');
  });

  test('makes a scorer that the config takes and the help of the option names', () => {
    const found = run('dist/main.js', 'lint', '--set', 'selection.scorer=uncertainty', '--format', 'json');
    expect(found).not.toContain('"error"');
    expect(() => run('dist/main.js', 'lint', '--set', 'selection.scorer=uncertaint')).toThrow(/uncertainty/);
  });

  test('makes a column that the feature set has', () => {
    expect(run('dist/main.js', 'describe', 'features')).toMatch(/queryClicked +clicks +clicks of the query/);
  });

  test('makes a scorer that keeps the laws of scorers', () => {
    run(
      'vitest/vitest.mjs',
      'run',
      'test/pipeline/score/scorers.test.ts',
      '--reporter=json',
      '--outputFile=report.json',
    );
    const { numFailedTests, testResults } = JSON.parse(readFileSync(join(copy, 'report.json'), 'utf8')) as {
      numFailedTests: number;
      testResults: { assertionResults: { fullName: string }[] }[];
    };
    expect(numFailedTests).toBe(0);
    const names = testResults.flatMap(({ assertionResults }) => assertionResults.map(({ fullName }) => fullName));
    expect(names.filter((name) => name.startsWith('uncertainty, as a scorer')).length).toBeGreaterThan(3);
  });
});

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT, textOf } from '../docs/pages.js';

/** A folder of somebody else's, in which the packed package is installed, its dependencies being those of the repository. */
let folder: string;
let packed: readonly { readonly path: string; readonly size: number }[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-package-'));
  const told = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ filename, files }] = JSON.parse(told) as [{ filename: string; files: typeof packed }];
  packed = files;
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  execFileSync('tar', ['xzf', join(folder, filename), '-C', modules]);
  execFileSync('mv', [join(modules, 'package'), join(modules, 'sluice')]);
  symlinkSync(join(ROOT, 'node_modules'), join(modules, 'sluice/node_modules'));
  symlinkSync(join(ROOT, 'node_modules/vitest'), join(modules, 'vitest'));
  symlinkSync('../sluice/dist/main.js', join(modules, '.bin/sluice'));
  writeFileSync(join(folder, 'package.json'), '{"name":"theirs","private":true}\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a line in that folder, `sluice` being the installed one; what it printed on both. Throws where it fails. */
function sh(line: string): string {
  const PATH = [join(folder, 'node_modules/.bin'), process.env['PATH']].join(delimiter);
  const { status, stdout, stderr } = spawnSync('bash', ['-c', line], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH, HOME: folder },
    timeout: 300_000,
  });
  if (status !== 0) throw new Error(`${line} ended with ${status}: ${stdout}${stderr}`);
  return stdout + stderr;
}

describe('the package', () => {
  test('holds what is built, the models, schemas and pages, and no maps or tests', () => {
    const paths = packed.map(({ path }) => path);
    const trees = 'dist/adapters/onnx/trees/leaf-sums.wasm';
    for (const path of ['dist/main.js', trees, 'dist/api/index.js', 'dist/api/index.d.ts', 'dist/client/index.js'])
      expect(paths).toContain(path);
    for (const path of ['schemas/TrainingSample.avsc', 'docs/start.md', 'README.md', 'LICENSE', 'CHANGELOG.md'])
      expect(paths).toContain(path);
    expect(paths.filter((path) => /\.map$|^test\/|^src\/|tsbuildinfo/.test(path))).toEqual([]);
    const others = packed.filter(({ path }) => !path.startsWith('models/'));
    expect(others.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(8_000_000);
  });

  test('runs by npx and is imported by name', () => {
    expect(sh('npx --no-install sluice --version')).toContain(
      (JSON.parse(textOf('package.json')) as { version: string }).version,
    );
    const imported = `Promise.all([import('sluice'), import('sluice/samples')]).then(([a, b]) => console.log(Object.keys(a).sort().join(), typeof b.readSamples))`;
    expect(sh(`node -e "${imported}"`).trim()).toBe(
      'checkCases,defineColumns,defineLearner,defineRule,defineScorer,pluginLaws,testDriver function',
    );
  });

  test('has the public API that docs/reference/api.d.ts says', () => {
    execFileSync(process.execPath, ['scripts/api-report.mjs', '--check'], { cwd: ROOT, stdio: 'pipe' });
  });
});

describe('what docs/how/own-code.md says', () => {
  const page = textOf('docs/how/own-code.md');

  test('works as it is typed: plugin, laws, run and test', () => {
    for (const [, name, text] of page.matchAll(/^```\w+ (\S+)\n(.*?)^```/gms))
      writeFileSync(join(folder, name!), text!);
    const lines = [...page.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block]) => block!.trim().split('\n'));
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) sh(line);
    expect(existsSync(join(folder, 'shop'))).toBe(true);
    // Its learner made the champion, and its scorer chose by it.
    expect(sh('sluice snapshot list --config own.yaml --format json')).toContain('own:plain');
    expect(sh('sluice dump training --config own.yaml --format ndjson | tail -1')).toContain('"scorer":"own:unsure"');
    const report = join(folder, 'report.json');
    sh(`node node_modules/vitest/vitest.mjs run mine.test.mjs --reporter=json --outputFile=${report}`);
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8')) as Record<string, number>;
    expect([numPassedTests! > 20, numFailedTests]).toEqual([true, 0]);
  });

  test('gives the same samples in threads', () => {
    const dump = (threads: number): string => {
      const set = `--config own.yaml --set transport.path=t${threads} --set run.threads=${threads} --set topics.partitions=2`;
      sh(`sluice run ${set} --events shop --until-end`);
      return sh(`sluice dump training ${set} --format ndjson | sed 's/"snapshotVersion":"[^"]*"//' | sort | sha256sum`);
    };
    expect(dump(2)).toBe(dump(1));
  });
});

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pythonWith } from '../learn/learners/python.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const python = pythonWith('lightgbm', 'mypy', 'numpy', 'pandas', 'pyarrow', 'pytest', 'setuptools');
let folder = tmpdir();

describe.skipIf(python === undefined)('clients/python', () => {
  const site = () => join(folder, 'site');
  const run = (words: readonly string[], cwd: string) =>
    spawnSync(python!, words, {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, PYTHONPATH: site(), SLUICE_DUMPS: folder, OMP_NUM_THREADS: '1' },
    });

  /** Dumps in every format, and the package as pip installs it. */
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-client-'));
    const main = (...words: string[]) =>
      execFileSync(process.execPath, [here('../../dist/main.js'), ...words], { cwd: folder, stdio: 'pipe' });
    writeFileSync(
      join(folder, 'sluice.yaml'),
      'transport: { path: store }\nprivacy: { keyFile: key }\nencoder: { enabled: false }\n' +
        'selection: { auditFraction: 0.3 }\noutput: { carry: [query, items.price] }\n' +
        'features: { history: { session: { acted: 10, shown: 12 }, user: { acted: 20 } } }\n',
    );
    main('simulate', '--out', 'events', '--impressions', '60000', '--seed', '1');
    main('run', '--config', 'sluice.yaml', '--events', 'events', '--until-end', '--format', 'json');
    for (const format of ['ndjson', 'csv', 'parquet', 'arrow'])
      main('dump', 'training', '--config', 'sluice.yaml', '--format', format, '--out', `training.${format}`);
    main('dump', 'audit', '--config', 'sluice.yaml', '--format', 'parquet', '--out', 'audit.parquet');
    writeFileSync(join(folder, 'training.ndjson.gz'), gzipSync(readFileSync(join(folder, 'training.ndjson'))));
    writeFileSync(
      join(folder, 'features.json'),
      main('describe', 'features', '--config', 'sluice.yaml', '--format', 'json'),
    );
    // A copy: building leaves files beside the sources.
    cpSync(here('../../clients/python'), join(folder, 'python'), { recursive: true });
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--no-build-isolation', '--no-index'];
    const { status, stderr } = run([...pip, '--target', site(), '.'], join(folder, 'python'));
    if (status !== 0) throw new Error(stderr);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('its own tests pass on the installed package and on dumps in every format', () => {
    const { status, stdout } = run(['-m', 'pytest', '-q', '-p', 'no:cacheprovider', 'tests'], join(folder, 'python'));
    expect(stdout).not.toMatch(/skipped/);
    expect(status, stdout).toBe(0);
  });

  test('it is typed, strictly', () => {
    const { status, stdout } = run(['-m', 'mypy', '--cache-dir', join(folder, 'mypy')], join(folder, 'python'));
    expect(status, stdout).toBe(0);
    expect(readFileSync(join(site(), 'sluice', 'py.typed'), 'utf8')).toBe('');
  });
});

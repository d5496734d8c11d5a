import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
const DIFFS = path.join(ROOT, 'docs/why/adding');

/** A copy of the sources with every diff of docs/why/adding applied, type-checked and built. */
describe('what docs/why/adding says', () => {
  const copy = mkdtempSync(path.join(tmpdir(), 'sluice-adding-'));
  const run = (command: string, ...args: string[]): string =>
    execFileSync(command, args, { cwd: copy, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const sluice = (...args: string[]): string => run(process.execPath, 'dist/main.js', ...args);
  const settings = (name: string, ...more: string[]): string[] =>
    [
      'encoder.enabled=false',
      'log.level=error',
      'http.enabled=off',
      `transport.path=${copy}/${name}`,
      `privacy.keyFile=${copy}/key`,
      'retrain.everySamples=1500',
      'retrain.minPositives=5',
      ...more,
    ].flatMap((setting) => ['--set', setting]);

  beforeAll(() => {
    for (const part of ['src', 'schemas', 'scripts', 'package.json', 'tsconfig.json', 'tsconfig.build.json'])
      cpSync(path.join(ROOT, part), path.join(copy, part), { recursive: true });
    for (const part of ['node_modules', 'models']) symlinkSync(path.join(ROOT, part), path.join(copy, part));
    for (const diff of readdirSync(DIFFS).filter((name) => name.endsWith('.diff')))
      run('git', 'apply', '--unsafe-paths', path.join(DIFFS, diff));
    run(process.execPath, 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json');
    mkdirSync(path.join(copy, 'events'));
    sluice('simulate', '--out', 'events', '--impressions', '6000', '--seed', '3');
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  it('touches at most two files of src for each', () => {
    for (const diff of readdirSync(DIFFS).filter((name) => name.endsWith('.diff'))) {
      const files = run('git', 'apply', '--numstat', path.join(DIFFS, diff)).trim().split('\n');
      expect(files.length, diff).toBeLessThanOrEqual(2);
      for (const file of files) expect(file).toMatch(/\tsrc\//);
    }
  });

  it('gives a scorer that selects: samples bear its name', () => {
    const with_ = settings('scorer', 'selection.scorer=toy', 'retrain.learner=boosting', 'retrain.boosting.rounds=20');
    sluice('run', '--events', 'events', '--until-end', ...with_);
    const rows = sluice('dump', 'training', '--format', 'ndjson', ...with_)
      .trim()
      .split('\n');
    const samples = rows.map((row) => JSON.parse(row) as { scorer: string; prediction: number; importance: number });
    const scored = samples.filter(({ scorer }) => scorer === 'toy');
    expect(scored.length).toBeGreaterThan(10);
    for (const { prediction, importance } of scored) expect(importance).toBeCloseTo(prediction * (1 - prediction), 5);
  });

  it('gives a learner that is fitted and published, with a setting of its own', () => {
    const with_ = settings('learner', 'retrain.learner=toy', 'retrain.toy.shrinkage=0.25');
    sluice('run', '--events', 'events', '--until-end', ...with_);
    const manifests = sluice('snapshot', 'list', '--format', 'json', ...with_)
      .trim()
      .split('\n');
    expect(manifests.map((line) => (JSON.parse(line) as { learner: string }).learner)).toContain('toy');
  });

  it('is offered by the configuration page as by any other option', () => {
    const { properties } = JSON.parse(
      run(
        process.execPath,
        '-e',
        "import('./dist/config/options.js').then(o => console.log(JSON.stringify({ properties: o.listOptions() })))",
      ),
    ) as { properties: { path: string; choices: string[] | null; describe: string }[] };
    const option = (name: string) => properties.find((one) => one.path === name);
    expect(option('selection.scorer')?.choices).toContain('toy');
    expect(option('selection.scorer')?.describe).toContain('how unsure the champion is');
    expect(option('retrain.learner')?.choices).toContain('toy');
    expect(option('retrain.toy.shrinkage')?.describe).toMatch(/one half/);
    expect(existsSync(path.join(copy, 'dist/learn/learners/toy.js'))).toBe(true);
  });
});

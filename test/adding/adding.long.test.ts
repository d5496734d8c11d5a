import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
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
  /** The accounting of a run over the events. */
  const accountingOf = (
    words: string[],
  ): { samples: Record<string, number>; quality: Record<'interactions' | 'samples', Record<string, number>> } =>
    JSON.parse(
      sluice('run', '--events', 'events', '--until-end', '--format', 'json', ...words)
        .trim()
        .split('\n')
        .at(-1)!,
    );
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
    run(process.execPath, 'scripts/build-wasm.mjs');
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
    // So short a log gives models that are off; one has to score all the same.
    const first = ['retrain.learner=boosting', 'retrain.boosting.rounds=20', 'retrain.guards.calibration=100'];
    const with_ = settings('scorer', 'selection.scorer=toy', ...first);
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

  it('gives a count that stands in the accounting', () => {
    const { samples } = accountingOf(settings('count', 'selection.scorer=uniform'));
    const lists = readFileSync(path.join(copy, 'events/impressions.ndjson'), 'utf8').trim().split('\n');
    expect(samples.onTop).toBe(lists.length);
    expect(samples.onTop).toBeLessThan(samples.seen!);
  });

  it('gives a rule that flags, diverts, and is counted', () => {
    const rule = (name: string, action: string): string[] =>
      settings(name, `quality.rules.manyActs.action=${action}`, 'quality.rules.manyActs.most=2');
    const flagging = accountingOf(rule('flag', 'flag')).quality;
    expect(flagging.interactions.manyActs).toBeGreaterThan(10);
    expect(flagging.samples.manyActs).toBeGreaterThan(10);
    expect(flagging.interactions.diverted).toBe(0);
    expect(sluice('dump', 'audit', '--format', 'ndjson', ...rule('flag', 'flag'))).toContain('"flags":["many-acts"]');

    const diverting = accountingOf(rule('divert', 'divert')).quality;
    expect(diverting.interactions.manyActs).toBe(diverting.interactions.diverted);
    const letters = sluice('dump', 'dead-letters', '--format', 'ndjson', ...rule('divert', 'divert'))
      .trim()
      .split('\n');
    expect(letters.length).toBe(diverting.interactions.diverted);
    for (const letter of letters) expect(letter).toMatch(/many-acts.*its session acted more than .*most = 2 times/);
  });

  it('gives a metric that a run records', () => {
    const config = {
      encoder: { enabled: false },
      topics: { partitions: 1 },
      transport: { path: `${copy}/metric` },
      privacy: { keyFile: `${copy}/key` },
    };
    const script = `
      import { RecordingMetrics, silentLogger } from './dist/adapters/memory/index.js';
      import { systemClock } from './dist/adapters/system/index.js';
      import { runSluice } from './dist/app/run.js';
      import { configSchema } from './dist/config/schema.js';
      import { createHealthBoard } from './dist/observe/health-board.js';
      let share;
      class Watched extends RecordingMetrics {
        gauge(name, value, labels) {
          super.gauge(name, value, labels);
          if (name === 'sluice_audit_share') share = value;
        }
      }
      const { samples } = await runSluice(configSchema.parse(${JSON.stringify(config)}), {
        eventsDir: 'events', untilEnd: true, signal: new AbortController().signal, logger: silentLogger,
        metrics: new Watched(),
        health: createHealthBoard(systemClock, () => undefined),
      });
      console.log(JSON.stringify([share, samples.audit / samples.seen]));`;
    const [share, expected] = JSON.parse(run(process.execPath, '--input-type=module', '-e', script)) as number[];
    expect(share).toBeGreaterThan(0);
    expect(share).toBe(expected);
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
    expect(option('quality.rules.manyActs.most')?.describe).toBe('Acts a session may make.');
    expect(option('retrain.toy.shrinkage')?.describe).toMatch(/one half/);
    expect(existsSync(path.join(copy, 'dist/learn/learners/toy.js'))).toBe(true);
  });
});

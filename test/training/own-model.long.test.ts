import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onnxModelLoader } from '../../src/adapters/onnx/model.js';
import { importsOf, missingModules, ownModelPage, python, trainingPage } from './training-page.js';

/** What CI does without, for the size of the wheel; the page says so where the block stands. */
const TOO_LARGE = 'torch';
const IMPRESSIONS = '40000';
/** Share of the events, by time, that the models are trained on. */
const TRAINED_SHARE = 0.75;
/** 300 clicks know their own number to 6 %; a learner on 2,500 rows adds as much again. */
const CALIBRATION = [0.8, 1.25] as const;

const shared = trainingPage().shared;
const page = ownModelPage();
const blocks = [...page.named].filter(([, block]) => !importsOf(block).includes(TOO_LARGE));
const missing = missingModules([...new Set([...shared, ...page.all].flatMap(importsOf))]).filter(
  (name) => name !== TOO_LARGE,
);
const inCi = process.env['CI'] === 'true';
const isAble = inCi || missing.length === 0;
if (!isAble) console.warn(`skipped: docs/how/own-model.md, no ${missing.join(', ')} here (set SLUICE_PYTHON)`);

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
let folder = tmpdir();
const settings = [
  'transport.path=store',
  'privacy.keyFile=key',
  'encoder.enabled=false',
  // Enough clicks to judge calibration on.
  'selection.auditFraction=0.3',
  // No champion of its own: the first one comes from outside.
  'retrain.promote=manual',
].flatMap((setting) => ['--set', setting]);
const sluice = (...words: string[]): string =>
  execFileSync(process.execPath, [here('../../dist/main.js'), ...words], {
    cwd: folder,
    stdio: 'pipe',
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });

interface Row {
  readonly features: readonly (number | null)[];
  readonly prediction: number | null;
  readonly snapshotVersion: string;
}
const dumped = (topic: string): Row[] => {
  const text = sluice('dump', topic, '--format', 'ndjson', ...settings);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
};

interface Exported {
  readonly rows: readonly number[];
  readonly clicks: number;
  readonly calibration: number;
}
const exported = (block: string, rows: readonly Row[]): Exported =>
  python<Exported>(
    [here('./python/run_export.py')],
    { shared: [...shared, ...page.shared], snippet: block, rows: rows.map(({ features }) => features) },
    folder,
  );

test('the page has a block for every library it promises, and every block is Python', () => {
  expect([...page.named.keys()]).toEqual(['lightgbm', 'xgboost', 'scikit-learn', 'pytorch']);
  if (!isAble) return;
  const script =
    'import json, sys; print(len([compile(b, "docs/how/own-model.md", "exec") for b in json.load(sys.stdin)]))';
  expect(python<number>(['-c', script], page.all, tmpdir())).toBe(page.all.length);
});

describe.skipIf(!isAble)('what docs/how/own-model.md says', () => {
  /** Runs on the earlier events, and dumps what there is to train on; the later ones wait in a folder of their own. */
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-own-model-'));
    sluice('simulate', '--out', 'events', '--impressions', IMPRESSIONS, '--seed', '1');
    splitByTime();
    sluice('run', '--events', 'earlier', '--until-end', ...settings);
    sluice('dump', 'training', '--out', 'training.ndjson', ...settings);
    sluice('dump', 'audit', '--out', 'audit.ndjson', ...settings);
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function splitByTime(): void {
    const linesOf = (name: string) =>
      readFileSync(join(folder, 'events', name), 'utf8')
        .trimEnd()
        .split('\n');
    const timeOf = (line: string) => (JSON.parse(line) as { eventTimeMs: number }).eventTimeMs;
    const times = linesOf('impressions.ndjson').map(timeOf);
    const cutMs = times.sort((a, b) => a - b)[Math.floor(times.length * TRAINED_SHARE)]!;
    for (const part of ['earlier', 'later']) {
      mkdirSync(join(folder, part));
      for (const name of ['impressions.ndjson', 'interactions.ndjson']) {
        const lines = linesOf(name).filter((line) => timeOf(line) < cutMs === (part === 'earlier'));
        writeFileSync(join(folder, part, name), lines.map((line) => `${line}\n`).join(''));
      }
    }
  }

  for (const [name, block] of blocks.filter(([library]) => library !== 'lightgbm')) {
    test(`${name}: what is published predicts the same, and as many clicks as there were`, async () => {
      const rows = dumped('audit');
      const own = exported(block, rows);
      expect(own.calibration).toBeGreaterThan(CALIBRATION[0]);
      expect(own.calibration).toBeLessThan(CALIBRATION[1]);
      const version = sluice('snapshot', 'publish', 'model.onnx', ...settings).trim();
      sluice('snapshot', 'show', version, '--onnx', 'published.onnx', ...settings);
      const model = await onnxModelLoader().load(readFileSync(join(folder, 'published.onnx')), version, 'fs');
      const values = Float32Array.from(rows.flatMap(({ features }) => features.map((value) => value ?? NaN)));
      const { probability } = await model.predict(values, rows.length);
      await model.close();
      expect(worst([...probability], own.rows)).toBeLessThan(1e-6);
    }, 300_000);
  }

  test('lightgbm: goes in by two commands, and the stream is scored with the predictions of the library', () => {
    const block = page.named.get('lightgbm')!;
    const { calibration, clicks } = exported(block, []);
    expect(clicks).toBeGreaterThan(250);
    expect(calibration).toBeGreaterThan(CALIBRATION[0]);
    expect(calibration).toBeLessThan(CALIBRATION[1]);
    const version = sluice(
      'snapshot',
      'publish',
      'model.onnx',
      '--promote',
      '--reason',
      'weekly fit',
      ...settings,
    ).trim();
    sluice('run', '--events', 'later', '--until-end', ...settings);
    const scored = [...dumped('training'), ...dumped('audit')].filter(
      ({ snapshotVersion }) => snapshotVersion === version,
    );
    expect(scored.length).toBeGreaterThan(1_000);
    // The same rows and seed make the same model again.
    const own = exported(block, scored).rows;
    expect(
      worst(
        scored.map(({ prediction }) => prediction!),
        own,
      ),
    ).toBeLessThan(1e-6);
  }, 300_000);
});

function worst(found: readonly number[], wanted: readonly number[]): number {
  expect(found).toHaveLength(wanted.length);
  return found.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i]!)), 0);
}

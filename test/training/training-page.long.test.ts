import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KERAS_BACKEND, importsOf, missingModules, python, trainingPage } from './training-page.js';

const IMPRESSIONS = '60000';
/** Reading them needs no model, or a broker. */
const NOT_LEARNERS = ['csv', 'avro', 'kafka', 'the champion', 'late labels'];
/** What CI does without, for the size of the wheel; the page says so where the block stands. */
const TOO_LARGE = ['torch'];
/** 600 clicks know their own number to 4 %; a learner on 4,000 rows adds as much again. */
const CALIBRATION = [0.85, 1.15] as const;

const page = trainingPage();
const learners = [...page.named].filter(([name]) => !NOT_LEARNERS.includes(name));
const wanted = [...new Set([...page.all].flatMap(importsOf))];
const missing = missingModules([...wanted, 'fastavro', KERAS_BACKEND]);
const inCi = process.env['CI'] === 'true';
const hasPython = inCi || !['fastavro', 'numpy'].some((name) => missing.includes(name));
/** What stands before a block: reading and helpers, and the champion's where the block starts from it. */
const before = (block: string) =>
  /\bunseen\b/.test(block) ? [...page.shared, page.named.get('the champion')!] : page.shared;
const absent = (block: string) =>
  [...before(block), block]
    .flatMap(importsOf)
    .flatMap((name) => (name === 'keras' ? [name, KERAS_BACKEND] : [name]))
    .filter((name) => missing.includes(name) && (!inCi || TOO_LARGE.includes(name)));
for (const [name, block] of learners) {
  if (absent(block).length > 0)
    console.warn(`skipped: ${name} of docs/how/training.md, no ${absent(block).join(', ')} here`);
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
let folder = tmpdir();

interface Judged {
  readonly calibration: number;
  readonly auc: number;
  readonly rows: number;
  readonly clicks: number;
}

test('the page has a block for every learner it promises', () => {
  const promised = ['lightgbm', 'xgboost', 'sklearn', 'torch', 'keras'];
  expect(learners.flatMap(([, block]) => importsOf(block))).toEqual(expect.arrayContaining(promised));
  expect(learners.filter(([name]) => name.includes('champion'))).toHaveLength(3);
});

if (!hasPython) console.warn(`skipped: docs/how/training.md, no Python with fastavro and numpy (set SLUICE_PYTHON)`);

describe.skipIf(!hasPython)('what docs/how/training.md says', () => {
  /** Excerpt for every block: `training.ndjson`, `audit.ndjson`, `training.csv` and the schema. */
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-training-'));
    const main = (...words: string[]) =>
      execFileSync(process.execPath, [here('../../dist/main.js'), ...words], { cwd: folder, stdio: 'pipe' });
    const settings = [
      'transport.path=store',
      'privacy.keyFile=key',
      'encoder.enabled=false',
      // Enough clicks to judge calibration on.
      'selection.auditFraction=0.3',
    ].flatMap((setting) => ['--set', setting]);
    main('simulate', '--out', 'events', '--impressions', IMPRESSIONS, '--seed', '1');
    main('run', '--events', 'events', '--until-end', '--format', 'json', ...settings);
    main('dump', 'training', '--out', 'training.ndjson', ...settings);
    main('dump', 'audit', '--out', 'audit.ndjson', ...settings);
    main('snapshot', 'show', 'champion', '--onnx', 'champion.onnx', ...settings);
    main('dump', 'training', '--format', 'csv', '--out', 'training.csv', ...settings);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('every block is Python', () => {
    const script =
      'import json, sys; print(len([compile(b, "docs/how/training.md", "exec") for b in json.load(sys.stdin)]))';
    expect(python<number>(['-c', script], page.all, folder)).toBe(page.all.length);
  });

  test('NDJSON, CSV and Avro give the same rows', () => {
    const schema = here('../../schemas/TrainingSample.avsc');
    const avro = page.named.get('avro')!.replace('TrainingSample.avsc', schema);
    const job = { ndjson: page.shared[0], csv: page.named.get('csv'), avro, schema };
    // The reading block reads the audit slice too.
    const { rows } = python<{ rows: number }>([here('./python/same_rows.py')], job, folder);
    expect(rows).toBeGreaterThan(3000);
  });

  for (const [name, block] of learners) {
    test.skipIf(absent(block).length > 0)(
      `${name}: as many clicks predicted as there were, and not so without offset and weights`,
      () => {
        const job = { shared: before(block), snippet: block };
        const { aware, unaware } = python<Record<'aware' | 'unaware', Judged>>(
          [here('./python/run_snippet.py')],
          job,
          folder,
        );
        expect(aware.clicks).toBeGreaterThan(400);
        expect(aware.calibration).toBeGreaterThan(CALIBRATION[0]);
        expect(aware.calibration).toBeLessThan(CALIBRATION[1]);
        expect(unaware.calibration).toBeGreaterThan(2);
        // How much order is lost depends on how well the scorer knew the clicks; that some is, on the same rows, does not.
        expect(aware.auc).toBeGreaterThan(unaware.auc);
        expect(aware.auc).toBeGreaterThan(0.7);
      },
      300_000,
    );
  }
});

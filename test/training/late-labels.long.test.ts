import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missingModules, python, trainingPage } from './training-page.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const missing = missingModules(['numpy', 'lightgbm']);
const isAble = process.env['CI'] === 'true' || missing.length === 0;
if (!isAble) console.warn(`skipped: late labels of docs/how/training.md, no ${missing.join(', ')} (set SLUICE_PYTHON)`);

/** LightGBM once with the labels as published, once as the block of the page corrects them; what each says of the true clicks. */
const JUDGE = `
import json, sys
job = json.load(sys.stdin)
space = {"__name__": "page"}
for code in job["shared"]:
    exec(compile(code, "docs/how/training.md", "exec"), space)
import lightgbm as lgb
def clicks():
    base = space["intercept"](space["y"], space["offset"])
    data = lgb.Dataset(space["X"], label=space["y"], init_score=space["offset"] + base)
    options = dict(objective="binary", learning_rate=0.05, num_leaves=15, lambda_l2=20, boost_from_average=False, verbosity=-1)
    booster = lgb.train(options, data, num_boost_round=200)
    return float(space["sigmoid"](base + booster.predict(space["X_audit"], raw_score=True)).sum())
published = space["y"]
as_published = clicks()
exec(compile(job["block"], "docs/how/training.md", "exec"), space)
corrected = clicks()
print(json.dumps({
    "asPublished": as_published, "corrected": corrected, "audit": float(space["y_audit"].sum()),
    "rows": len(published), "late": int((space["y"] > published).sum()), "back": int((space["y"] < published).sum())}))
`;

describe.skipIf(!isAble)('late labels of docs/how/training.md', () => {
  let folder = tmpdir();
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-late-'));
    const main = (...words: string[]) =>
      execFileSync(process.execPath, [here('../../dist/main.js'), ...words], { cwd: folder, stdio: 'pipe' });
    const settings = [
      'transport.path=store',
      'privacy.keyFile=key',
      'encoder.enabled=false',
      // Enough clicks to judge calibration on, of which many come after so short a window.
      'selection.auditFraction=0.3',
      'join.attributionWindowMs=6000',
      'join.allowedLatenessMs=1000',
      'retrain.lateLabels=true',
    ].flatMap((setting) => ['--set', setting]);
    main('simulate', '--out', 'events', '--impressions', '60000', '--seed', '1');
    main('run', '--events', 'events', '--until-end', '--format', 'json', ...settings);
    for (const topic of ['training', 'audit', 'late']) main('dump', topic, '--out', `${topic}.ndjson`, ...settings);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('as many clicks are predicted as there were in the end, and with the labels as published far fewer', () => {
    const page = trainingPage();
    const job = { shared: page.shared, block: page.named.get('late labels')! };
    const found = python<Record<'asPublished' | 'corrected' | 'audit' | 'rows' | 'late' | 'back', number>>(
      ['-c', JUDGE],
      job,
      folder,
    );
    expect(found.audit).toBeGreaterThan(400);
    expect(found.late).toBeGreaterThan(50);
    expect(found.back).toBe(0);
    expect(found.corrected / found.audit).toBeGreaterThan(0.8);
    expect(found.corrected / found.audit).toBeLessThan(1.25);
    expect(found.asPublished / found.audit).toBeLessThan(0.75);
  });
});

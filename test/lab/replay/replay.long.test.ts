import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { ReplayComparison } from '../../../src/lab/replay/compare-replays.js';
import { simulateToFiles } from '../../../src/lab/simulate/index.js';
import { embedded, World } from '../../app/fixture.js';
import { run } from '../../cli/shell.js';
import { replayLaws } from './replay-laws.js';

replayLaws('the embedded store', embedded);

describe('sluice replay and sluice compare', () => {
  const world = new World(embedded, { join: { attributionWindowMs: 300_000, allowedLatenessMs: 30_000 } });
  afterAll(() => world.remove());

  test('say what a smaller budget would have kept, and what it is worth', async () => {
    const events = join(world.folder, 'events');
    await simulateToFiles({ folder: events, impressionCount: 12_000, seed: 5, itemCount: 300 });
    const application = world.application({
      selection: { auditFraction: 0.2, budget: 0.3 },
      retrain: { everySamples: 4_000, proof: { enabled: false } },
    });
    await application.runToEnd(events);
    const times = (await application.rows('training')).map((row) => row['eventTimeMs'] as number);
    const [first, last] = [times.reduce((a, b) => Math.min(a, b)), times.reduce((a, b) => Math.max(a, b))];
    const file = join(world.folder, 'sluice.yaml');
    writeFileSync(file, JSON.stringify(application.config));
    const sluice = (...words: string[]) => run([...words, '--config', file]);
    const iso = (ms: number): string => new Date(ms).toISOString();
    const range = ['--from', iso(first + (last - first) / 4), '--to', iso(last)];

    const less = await sluice('replay', '--as', 'less', ...range, '--set', 'selection.budget=0.1');
    expect(less.status, less.stderr).toBe(0);
    expect(less.stdout).toMatch(/^replay less: [\d,]+ samples, [\d,]+ kept, .*sluice compare less\n$/);
    const again = await sluice('replay', '--as', 'less', ...range, '--set', 'selection.budget=0.1');
    expect([again.status, again.stderr]).toEqual([
      2,
      expect.stringMatching(/there is a replay less already, in the folder/),
    ]);

    const { status, stdout, stderr } = await sluice('compare', 'less', '--format', 'json');
    expect(status, stderr).toBe(0);
    const { a, b, common, asScored, trained } = JSON.parse(stdout) as ReplayComparison;
    expect(b.kept).toBeLessThan(a.kept / 2);
    expect([a.replay, b.replay, b.sets]).toEqual([null, 'less', ['selection.budget=0.1']]);
    // The warm-up reaches back to the beginning.
    expect(common.sameFeatures).toBe(common.rows);
    expect(common.rows).toBe(a.audit);
    expect(asScored!.auc.a.value).toBeGreaterThan(0.5);
    for (const { value, lower, upper } of [trained!.contest!.auc.a, trained!.contest!.normalisedEntropy.difference]) {
      expect(lower).toBeLessThan(value);
      expect(upper).toBeGreaterThan(value);
    }
    const text = await sluice('compare', 'less');
    expect(text.stdout).toMatch(/^impressions from .*\na: the application\nb: replay less, selection.budget=0.1\n/);
    expect(text.stdout).toMatch(
      /champions as they scored +NE +[\d.]+ ± [\d.]+ +[\d.]+ ± [\d.]+ +[+-][\d.]+ ± [\d.]+\n/,
    );
  });
});

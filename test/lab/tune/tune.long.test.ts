import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { TuneReport } from '../../../src/lab/tune/tune.js';
import { simulateToFiles } from '../../../src/lab/simulate/index.js';
import { readCatalogue } from '../../../src/snapshot/index.js';
import { type Application, embedded, World } from '../../app/fixture.js';
import { run } from '../../cli/shell.js';

/** `sluice tune`, beside what a run has left. */
describe('a tuning', () => {
  const world = new World(embedded, { join: { attributionWindowMs: 300_000, allowedLatenessMs: 30_000 } });
  afterAll(() => world.remove());
  let application: Application;

  beforeAll(async () => {
    const events = join(world.folder, 'events');
    await simulateToFiles({ folder: events, impressionCount: 24_000, seed: 5, itemCount: 300 });
    application = world.application({
      selection: { auditFraction: 0.5 },
      retrain: { everySamples: 24_000, proof: { enabled: false } },
    });
    await application.runToEnd(events);
  });

  const tune = (...words: string[]) => {
    const file = join(world.folder, 'sluice.yaml');
    writeFileSync(file, JSON.stringify(application.config));
    return run(['tune', '--config', file, ...words]);
  };
  const POOR = ['--set', 'retrain.boosting.rounds=2', '--set', 'retrain.boosting.learningRate=0.02'];

  test('finds better ones than poor settings, the same each time, and changes nothing', async () => {
    const before = await application.withTransport(readCatalogue);
    const ends = await application.withTransport((transport) => transport.endOffsets('pool'));
    const { status, stdout, stderr } = await tune(...POOR, '--fits', '12', '--format', 'json');
    expect(status, stderr).toBe(0);
    const report = JSON.parse(stdout) as TuneReport;
    expect(report).toMatchObject({ isBetter: true, isComplete: true });
    expect(report.fits).toBeLessThanOrEqual(12);
    expect(report.best!.gain.mean).toBeGreaterThan(2 * report.best!.gain.standardError);
    expect(report.chosenOn.fromMs).toBeLessThan(report.confirmedOn.fromMs);
    expect(report.tried[0]!.share).toBe(1);
    const again = JSON.parse((await tune(...POOR, '--fits', '12', '--format', 'json')).stdout) as TuneReport;
    expect(withoutTimes(again)).toEqual(withoutTimes(report));
    expect(await application.withTransport(readCatalogue)).toEqual(before);
    expect(await application.withTransport((transport) => transport.endOffsets('pool'))).toEqual(ends);
  });

  test('prints what to paste, and says plainly when there is nothing', async () => {
    const { status, stdout, stderr } = await tune(...POOR, '--fits', '8', '--learners', 'linear');
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/\nBetter than the present settings: on the newest rows, which chose nothing, /);
    const yaml = stdout.slice(stdout.indexOf('\nretrain:\n'));
    expect(parse(yaml)).toEqual({ retrain: { learner: 'linear', linear: expect.objectContaining({ penalty: 1e-4 }) } });
    // The only candidate is what there is already.
    const same = await tune('--set', 'retrain.learner=linear', '--fits', '8');
    expect(same.stdout).toMatch(
      /Nothing beats the present settings by more than chance: .* \+0\.0 ± 0\.0\.\nLeave them as they are\.\n$/,
    );
  });

  test('says what is missing where there are too few rows', async () => {
    const few = await tune('--set', 'retrain.minPositives=50000');
    expect([few.status, few.stderr]).toEqual([
      3,
      expect.stringMatching(/no candidate was made: the learner has .* rows/),
    ]);
  });
});

function withoutTimes({ tried, ...report }: TuneReport): unknown {
  return { ...report, tried: tried.map((one) => ({ ...one, result: { ...one.result, fitMs: 0 } })) };
}

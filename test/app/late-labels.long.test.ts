import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLogger } from '../../src/adapters/memory/index.js';
import { systemClock } from '../../src/adapters/system/index.js';
import { openTransport } from '../../src/app/wire.js';
import { simulateToFiles } from '../../src/lab/simulate/index.js';
import { dragged } from './dragged.js';
import { type Application, type Changes, embedded, type Row, World } from './fixture.js';

const world = new World(embedded, {
  topics: { partitions: 2 },
  // So short that many a click comes after the close.
  join: { attributionWindowMs: 4_000, allowedLatenessMs: 1_000 },
  label: { surfaceExamined: { SEARCH: 'above-last-click' } },
  selection: { budget: 0.5, salt: 'fixed' },
  batch: { maxBytes: 20_000 },
});
const simulated = join(world.folder, 'simulated');
beforeAll(async () => {
  await simulateToFiles({
    folder: simulated,
    impressionCount: 6_000,
    seed: 5,
    itemCount: 300,
    impressionsPerSecond: 60,
  });
});
afterAll(() => world.remove());

/** Fits often, and holds so few rows that rows leave the reservoir and the audit window. */
const LEARN = {
  everySamples: 1_200,
  minPositives: 5,
  reservoirSize: 600,
  halfLifeSamples: 400,
  auditWindowSamples: 150,
  boosting: { rounds: 8 },
  proof: { enabled: false },
} as const;

/** All that went out about the samples, with their predictions and the models that made them. */
async function outputOf(application: Application): Promise<Row[]> {
  return [...(await application.samples()).values()].sort((a, b) => (a.sampleId < b.sampleId ? -1 : 1));
}

describe('late labels, which a fit learns from', () => {
  const fresh = (lateLabels: boolean, changes: Changes = {}): Application =>
    world.application({ ...changes, retrain: { ...LEARN, lateLabels } });
  let expected: Row[];
  beforeAll(async () => {
    const application = fresh(true);
    await application.runToEnd(simulated);
    expected = await outputOf(application);
  });

  test('change what is predicted, and no label that is published', async () => {
    const published = fresh(false);
    await published.runToEnd(simulated);
    const labelsOf = (rows: readonly Row[]) => new Map(rows.map(({ sampleId, label }) => [sampleId, label]));
    const [before, after] = [await outputOf(published), expected];
    expect(before.map((row) => row['prediction'])).not.toEqual(after.map((row) => row['prediction']));
    const labels = labelsOf(before);
    for (const [sampleId, label] of labelsOf(after)) expect(labels.get(sampleId) ?? label).toBe(label);
  });

  test.each([1, 2])('give the same samples to the bit, however slow each partition is (%i)', async (seed) => {
    const application = fresh(true);
    const transport = dragged(openTransport(application.config, { logger: silentLogger, clock: systemClock }), seed);
    await application.runToEnd(simulated, { transport });
    expect(await outputOf(application)).toEqual(expected);
  });

  // A unit reads ahead of the samples that a fit waits for, by as much as it is large.
  test.each([5_000, 400_000])('give the same samples to the bit, in units of work of %i bytes', async (maxBytes) => {
    const application = fresh(true, { batch: { maxBytes } });
    await application.runToEnd(simulated);
    expect(await outputOf(application)).toEqual(expected);
  });

  test('give the same samples to the bit, stopped in the middle and started again', async () => {
    const application = fresh(true);
    await application.send(simulated);
    await application.runUntilSeen(1_500);
    await application.runToEnd();
    expect(await outputOf(application)).toEqual(expected);
    const late = (await application.headers(['late'])).get('late')!;
    expect(late.filter((headers) => 'sluice.corrects' in headers).length).toBeGreaterThan(50);
  });
});

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLogger } from '../../src/adapters/memory/index.js';
import { systemClock } from '../../src/adapters/system/index.js';
import { openTransport } from '../../src/app/wire.js';
import { simulateToFiles } from '../../src/lab/simulate/index.js';
import { dragged } from './dragged.js';
import { type Application, embedded, type Row, World } from './fixture.js';

const world = new World(embedded, {
  join: { attributionWindowMs: 300_000, allowedLatenessMs: 30_000 },
  label: { surfaceExamined: { SEARCH: 'above-last-click' } },
  selection: { budget: 0.5, salt: 'fixed' },
  batch: { maxBytes: 20_000 },
});
const simulated = join(world.folder, 'simulated');
beforeAll(async () => {
  await simulateToFiles({ folder: simulated, impressionCount: 6_000, seed: 5, itemCount: 300 });
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

describe.each([2, 4])('the same input through %i partitions', (partitions) => {
  const fresh = (): Application => world.application({ topics: { partitions }, retrain: LEARN });
  let expected: Row[];
  beforeAll(async () => {
    const application = fresh();
    await application.runToEnd(simulated);
    expected = await outputOf(application);
  });

  test('is scored by several models', async () => {
    const counts = await fresh().withTransport((transport) => transport.partitionCount('impressions'));
    expect(counts).toBe(partitions);
    expect(new Set(expected.map((row) => row['snapshotVersion'])).size).toBeGreaterThan(4);
  });

  test.each([1, 2, 3])('gives the same samples to the bit, however slow each partition is (%i)', async (seed) => {
    const application = fresh();
    const transport = dragged(openTransport(application.config, { logger: silentLogger, clock: systemClock }), seed);
    await application.runToEnd(simulated, { transport });
    expect(await outputOf(application)).toEqual(expected);
  });

  test('gives the same samples to the bit, stopped in the middle and started again', async () => {
    const application = fresh();
    await application.send(simulated);
    await application.runUntilSeen(1_000);
    await application.runUntilSeen(2_500);
    await application.runToEnd();
    expect(await outputOf(application)).toEqual(expected);
  });
});

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importTrivago } from '../../src/import/trivago.js';
import { embedded, inputFactsOf, type Row, World } from './fixture.js';

const DAY = join(process.env['SLUICE_DATA'] ?? '../shared/data', 'trivago/sessions-2018-11-07.csv.gz');
const isHere = existsSync(DAY);
if (!isHere) process.stderr.write(`skipped: ${DAY} is not here (set SLUICE_DATA)\n`);

describe.skipIf(!isHere)('a day of real hotel searches', () => {
  const world = new World(embedded);
  const events = join(world.folder, 'events');
  beforeAll(async () => void (await importTrivago(DAY, events)));
  afterAll(() => world.remove());

  it('one and four partitions see every impression and click of it, and give the same labels', async () => {
    const labelsOf = (samples: ReadonlyMap<string, Row>) => new Map([...samples].map(([id, { label }]) => [id, label]));
    const labels: Map<string, number>[] = [];
    for (const partitions of [1, 4]) {
      const application = world.application({
        topics: { partitions },
        selection: { scorer: 'uniform', budget: 1 },
        retrain: { everySamples: 10_000_000, proof: { enabled: false } },
      });
      const { impressions, interactions, samples } = await application.runToEnd(events);
      expect(impressions).toEqual({ read: 156_837, duplicate: 0, deadLettered: 0, unexamined: 0 });
      expect(samples).toMatchObject({ seen: 156_837, positive: 6_845, dropped: 0 });
      expect(interactions.read).toBe(44_376);
      labels.push(labelsOf(await application.samples()));
    }
    expect(labels[0]!.size).toBe(156_837);
    expect(labels[1]).toEqual(labels[0]);
  }, 600_000);

  it('a tenth of it by surprise weighs as much as all of it, and keeps most of the clicks', async () => {
    const application = world.application({ selection: { scorer: 'surprise', budget: 0.1 } });
    const { samples, weights, champion, curation } = await application.runToEnd(events);
    expect(samples).toMatchObject({ seen: 156_837, positive: 6_845 });
    const eligible = samples.seen - samples.audit;
    expect(Math.abs(samples.kept / eligible - 0.1)).toBeLessThan(0.01);
    expect(Math.abs(weights.ratio! - 1)).toBeLessThan(5 * weights.standardError!);
    expect(champion.calibration!).toBeGreaterThan(0.9);
    expect(champion.calibration!).toBeLessThan(1.1);
    expect(curation).toMatchObject({ status: 'proved' });
    expect(curation).not.toMatchObject({ verdict: 'worse' });
    const training = await application.rows('training');
    const clicks = training.filter(({ label }) => label === 1).length;
    // A uniform tenth has a tenth of them.
    expect(clicks / samples.positive).toBeGreaterThan(0.4);
    expect(inputFactsOf(await application.samples()).size).toBe(samples.kept + samples.audit);
  }, 600_000);
});

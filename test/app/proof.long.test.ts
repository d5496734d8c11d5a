import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPrometheusMetrics } from '../../src/adapters/prometheus/index.js';
import { silentLogger } from '../../src/adapters/memory/index.js';
import { systemClock } from '../../src/adapters/system/index.js';
import { curationLines } from '../../src/app/curation-lines.js';
import { runSluice } from '../../src/app/run.js';
import { createHealthBoard } from '../../src/observe/health-board.js';
import { simulateToFiles } from '../../src/lab/simulate/index.js';
import { type Changes, embedded, World } from './fixture.js';

const CHANGES: Changes = {
  join: { attributionWindowMs: 300_000, allowedLatenessMs: 30_000 },
  selection: { auditFraction: 0.3, budget: 0.3 },
  retrain: { everySamples: 3_000, boosting: { rounds: 60 }, proof: { minPositives: 20, repeats: 2 } },
};

describe('a run to the end', () => {
  const world = new World(embedded, CHANGES);
  const events = join(world.folder, 'events');
  beforeAll(
    async () => void (await simulateToFiles({ folder: events, impressionCount: 16_000, seed: 5, itemCount: 200 })),
  );
  afterAll(() => world.remove());

  it('proves its curation: in the accounting, for people, and in /metrics', async () => {
    const { config } = world.application();
    const metrics = createPrometheusMetrics();
    const accounting = await runSluice(config, {
      eventsDir: events,
      untilEnd: true,
      signal: new AbortController().signal,
      logger: silentLogger,
      metrics,
      health: createHealthBoard(systemClock),
    });
    const { body: page } = await metrics.render();
    metrics.close();
    const { curation, samples } = JSON.parse(JSON.stringify(accounting)) as typeof accounting;
    if (curation?.status !== 'proved') throw new Error(`not proved: ${JSON.stringify(curation)}`);
    expect(curation.pairs).toBe(4);
    expect(curation.auditRows).toBeLessThanOrEqual(samples.audit);
    expect(curation.auditRows).toBeGreaterThan(0.9 * samples.audit);
    expect(curation.rows).toBeGreaterThan(100);
    expect(curation.auc.champion).toBeGreaterThan(0.5);
    const shown = (series: string) =>
      Number(
        page
          .split('\n')
          .find((line) => line.startsWith(`${series} `))
          ?.split(' ')[1],
      );
    for (const policy of ['curated', 'uniform', 'champion'] as const) {
      expect(shown(`sluice_curation_auc{policy="${policy}"}`)).toBe(curation.auc[policy]);
      expect(shown(`sluice_curation_normalised_entropy{policy="${policy}"}`)).toBe(curation.normalisedEntropy[policy]);
    }
    expect(shown('sluice_curation_auc_difference{bound="upper"}')).toBe(curation.auc.difference.upper);
    expect(shown('sluice_curation_normalised_entropy_difference{bound="lower"}')).toBe(
      curation.normalisedEntropy.difference.lower,
    );
    expect(shown(`sluice_proofs_total{result="${curation.verdict}"}`)).toBe(1);
    const said = curationLines(curation).join('\n');
    expect(said).toContain(`${curation.rows.toLocaleString('en')} rows each`);
    expect(said).toContain(`AUC ${curation.auc.curated.toFixed(3)} against ${curation.auc.uniform.toFixed(3)}`);
  });

  it('has the same proof when it is run again, and says so where there is too little or none is wanted', async () => {
    const application = world.application();
    const first = await application.runToEnd(events);
    expect((await application.runToEnd()).curation).toEqual(first.curation);
    const { retrain } = CHANGES;
    const poor = world.application({ retrain: { ...retrain, proof: { minPositives: 100_000 } } });
    const { curation } = await poor.runToEnd(events);
    expect(curation).toMatchObject({ status: 'not-enough-data', minPositives: 100_000 });
    expect(curationLines(curation)[0]).toMatch(/not enough data yet/);
    const off = world.application({ retrain: { ...retrain, proof: { enabled: false } } });
    expect((await off.runToEnd(events)).curation).toBeNull();
    expect(curationLines(null)).toEqual([]);
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { simulateToFiles } from '../../src/lab/simulate/index.js';
import { readCatalogue, type SnapshotManifest } from '../../src/snapshot/index.js';
import { run } from '../cli/shell.js';
import { type Application, embedded, World } from './fixture.js';

/** `sluice retrain`, beside what a run has left. */
describe('a fit on command', () => {
  const world = new World(embedded, { join: { attributionWindowMs: 300_000, allowedLatenessMs: 30_000 } });
  afterAll(() => world.remove());
  let application: Application;

  beforeAll(async () => {
    const events = join(world.folder, 'events');
    await simulateToFiles({ folder: events, impressionCount: 12_000, seed: 5, itemCount: 300 });
    application = world.application({
      selection: { auditFraction: 0.2 },
      retrain: { everySamples: 10_000, proof: { enabled: false } },
    });
    await application.runToEnd(events);
  }, 120_000);

  const retrain = (config: unknown, ...words: string[]) => {
    const file = join(world.folder, 'sluice.yaml');
    writeFileSync(file, JSON.stringify(config));
    return run(['retrain', '--config', file, ...words]);
  };

  test('learns from every sample so far, goes through the gate, and is what a run counts from', async () => {
    const before = await application.withTransport(readCatalogue);
    const { status, stdout, stderr } = await retrain(application.config, '--format', 'json');
    expect(status, stderr).toBe(0);
    const manifest = JSON.parse(stdout) as SnapshotManifest;
    const after = await application.withTransport(readCatalogue);
    expect(after.manifests.size).toBe(before.manifests.size + 1);
    expect(manifest.trainedOn.seen).toBe(12_000);
    expect(manifest.trainedOn.seenBy!.reduce((sum, seen) => sum + seen, 0)).toBe(12_000);
    expect(manifest.trainedOn.rows).toBeGreaterThan(9_000);
    expect(manifest.metrics.candidate!.overall.sampleCount).toBeGreaterThan(500);
    if (manifest.decision.outcome === 'promoted') expect(after.pointer!.version).toBe(manifest.version);
    else expect(after.pointer).toEqual(before.pointer);
  });

  test('says why there was none, and changes nothing', async () => {
    const before = await application.withTransport(readCatalogue);
    const few = await retrain(application.config, '--set', 'retrain.minPositives=50000');
    expect(few.status).toBe(3);
    expect(few.stderr).toMatch(/no candidate was made: [\d]+ rows, \d+ of them positive; retrain.minPositives = 50000/);
    const late = await retrain(application.config, '--set', 'retrain.limits.fitMs=1');
    expect(late.status).toBe(3);
    expect(late.stderr).toMatch(/no candidate was made: fit: .*longer than retrain.limits.fitMs = 1/);
    expect((await application.withTransport(readCatalogue)).pointer).toEqual(before.pointer);
  });
});

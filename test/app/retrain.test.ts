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
  });

  const sluice = (verb: readonly string[], config: unknown, ...words: string[]) => {
    const file = join(world.folder, 'sluice.yaml');
    writeFileSync(file, JSON.stringify(config));
    return run([...verb, '--config', file, ...words]);
  };
  const retrain = (config: unknown, ...words: string[]) => sluice(['retrain'], config, ...words);

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

  test('keeps the reason it was asked for with, and who asked', async () => {
    const { status, stdout, stderr } = await retrain(
      application.config,
      ...['--set', 'retrain.guards.aucLoss=1', '--set', 'retrain.guards.calibration=100'],
      ...['--reason', 'the sale has begun', '--format', 'json'],
    );
    expect(status, stderr).toBe(0);
    const { version, decision } = JSON.parse(stdout) as SnapshotManifest;
    expect(decision.reason).toMatch(/^the sale has begun; ./);
    const { pointer } = await application.withTransport(readCatalogue);
    if (decision.outcome !== 'promoted') return;
    expect(pointer!.changes.at(-1)).toMatchObject({ version, by: 'learner', why: decision.reason });
  });

  test('leaves a model whose columns can be weighed', async () => {
    const named = (await application.withTransport(readCatalogue)).manifests.keys().next().value!;
    const json = await sluice(['snapshot', 'importance', named], application.config, '--format', 'json');
    expect(json.status, json.stderr).toBe(0);
    const found = JSON.parse(json.stdout) as {
      version: string;
      rows: number;
      columns: { column: string; rise: number; standardError: number }[];
    };
    expect(found.version).toBe(named);
    expect(found.columns[0]!.rise).toBeGreaterThan(2 * found.columns[0]!.standardError);
    expect(found.columns.map(({ rise }) => rise)).toEqual(found.columns.map(({ rise }) => rise).sort((a, b) => b - a));
    const text = await sluice(['snapshot', 'importance', named], application.config);
    expect(text.stdout).toMatch(/ audit rows, log loss .*\ncolumn +log loss \+% +standard error\n/);
    expect(text.stdout).toMatch(/features\.omit: \[|No column is worth so little/);
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

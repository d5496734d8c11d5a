import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { predictorGraph, writeOnnx } from '../../src/adapters/onnx/writer/index.js';
import type { Comparison } from '../../src/app/compare-snapshots.js';
import { describeFeatures } from '../../src/app/describe.js';
import { simulateToFiles } from '../../src/lab/simulate/index.js';
import { readCatalogue, type SnapshotManifest } from '../../src/snapshot/index.js';
import { run, type Ran } from '../cli/shell.js';
import { type Application, embedded, World } from './fixture.js';

/** An operator's commands on an application that has a champion and an audit slice. */
describe('a model from outside', () => {
  const world = new World(embedded, { join: { attributionWindowMs: 300_000, allowedLatenessMs: 30_000 } });
  afterAll(() => world.remove());
  let application: Application;
  let columns: readonly string[];
  let featureSet: string;
  let champion: string;

  beforeAll(async () => {
    const events = join(world.folder, 'events');
    await simulateToFiles({ folder: events, impressionCount: 30_000, seed: 5, itemCount: 300 });
    application = world.application({
      selection: { scorer: 'uniform', budget: 1, auditFraction: 0.3 },
      retrain: { everySamples: 12_000, minPositives: 20, proof: { enabled: false } },
    });
    await application.runToEnd(events);
    writeFileSync(join(world.folder, 'sluice.yaml'), JSON.stringify(application.config));
    const features = await describeFeatures(application.config);
    featureSet = features.featureSetId;
    columns = features.columns.map(({ name }) => name);
    champion = await championNow();
  });

  const state = () => application.withTransport(readCatalogue);
  const championNow = async () => (await state()).pointer!.version;
  const sluice = (...words: string[]): Promise<Ran> =>
    run(['snapshot', ...words, '--config', join(world.folder, 'sluice.yaml')]);

  /** Writes a logistic model on one column. */
  function file(name: string, weight: number, intercept: number, width = columns.length): string {
    const weights = new Float32Array(width).fill(0);
    weights[0] = weight;
    const zeros = new Float32Array(width);
    const predictor = {
      kind: 'linear',
      columnCount: width,
      memberCount: 1,
      centre: zeros,
      missingWeights: zeros,
    } as const;
    const scale = new Float32Array(width).fill(1);
    const path = join(world.folder, name);
    writeFileSync(
      path,
      writeOnnx(predictorGraph({ ...predictor, inverseScale: scale, weights, intercept: Float32Array.of(intercept) })),
    );
    return path;
  }

  test('that is worse than the champion is published, but does not score, and the command fails', async () => {
    const worse = await sluice('publish', file('worse.onnx', 0, -3), '--feature-set', featureSet, '--promote');
    expect(worse.status, worse.stderr).toBe(3);
    expect(worse.stderr).toMatch(/does not become champion: (significantly worse|its AUC)/);
    expect(await championNow()).toBe(champion);
    const { manifests } = await state();
    const last = [...manifests.values()].at(-1)!;
    expect(last).toMatchObject({ learner: 'external', decision: { outcome: 'kept' } });
    expect(last.metrics.candidate!.overall.sampleCount).toBe(last.metrics.champion!.overall.sampleCount);
    const promoted = await sluice('promote', last.version);
    expect(promoted.status).toBe(3);
    expect(promoted.stderr).toContain(`${last.version} does not become champion`);
    expect(await championNow()).toBe(champion);
  });

  test('is forced only with a reason, and the history keeps both sides', async () => {
    const path = file('forced.onnx', 0.01, -3);
    const asked = ['publish', path, '--feature-set', featureSet, '--promote', '--force'];
    const silent = await sluice(...asked);
    expect(silent.status).toBe(2);
    expect(silent.stderr).toContain('--force needs --reason TEXT');
    const forced = await sluice(...asked, '--reason', 'legal wants it');
    expect(forced.status, forced.stderr).toBe(0);
    const version = forced.stdout.trim();
    expect(await championNow()).toBe(version);
    const history = await sluice('history');
    expect(history.stdout).toMatch(/legal wants it \(forced, although: (significantly worse|its AUC)/);
    expect((await state()).manifests.get(version)!.decision).toMatchObject({ outcome: 'manual' });
    await sluice('rollback');
    expect(await championNow()).toBe(champion);
  });

  test('as good as the champion is promoted: its own file again', async () => {
    const path = join(world.folder, 'again.onnx');
    expect((await sluice('show', champion, '--onnx', path)).status).toBe(0);
    const again = await sluice('publish', path, '--feature-set', featureSet, '--promote');
    expect(again.status, again.stderr).toBe(0);
    expect(await championNow()).toBe(again.stdout.trim());
  });

  test('is named, exported, verified and compared', async () => {
    const out = join(world.folder, 'out');
    expect((await sluice('alias', 'before-sale', 'champion', '--reason', 'sale week')).status).toBe(0);
    const version = await championNow();
    const exported = await sluice('export', 'before-sale', '--out', out);
    expect(exported.stdout.trim().split('\n')).toEqual([`${out}/${version}.onnx`, `${out}/${version}.json`]);
    const manifest = JSON.parse(readFileSync(`${out}/${version}.json`, 'utf8')) as SnapshotManifest;
    expect(manifest.provenance?.configSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(Object.keys(manifest.provenance!.versions)).toEqual(['sluice', 'node', 'onnxruntime']);
    expect(manifest.selfTest!.predictions).toHaveLength(6);
    const listed = (await sluice('list', '--format', 'json')).stdout.trim().split('\n');
    expect(JSON.parse(listed.find((line) => line.includes(`"version":"${version}"`))!)).toMatchObject({
      aliases: ['before-sale', 'champion'],
    });

    const sound = await sluice('verify', 'champion', '--onnx', `${out}/${version}.onnx`, '--format', 'json');
    expect(sound.status, sound.stderr).toBe(0);
    expect((JSON.parse(sound.stdout) as { findings: unknown[] }).findings).toMatchObject([
      { what: 'file', result: 'sound' },
      { what: 'signature', result: 'absent' },
      { what: 'self-test', result: 'sound' },
    ]);
    const bytes = readFileSync(`${out}/${version}.onnx`);
    bytes[bytes.length - 200]! ^= 1;
    writeFileSync(`${out}/tampered.onnx`, bytes);
    const tampered = await sluice('verify', 'champion', '--onnx', `${out}/tampered.onnx`);
    expect(tampered.status).toBe(3);
    expect(tampered.stdout).toMatch(/file +wrong +SHA-256 .* it was changed/);

    const worse = [...(await state()).manifests.values()].find(({ decision }) => decision.outcome === 'kept')!.version;
    const diff = await sluice('diff', worse, 'champion', '--format', 'json');
    expect(diff.status, diff.stderr).toBe(0);
    const { audit, versions } = JSON.parse(diff.stdout) as Comparison;
    expect(versions).toEqual([worse, version]);
    expect(audit!.second.overall.auc).toBeGreaterThan(audit!.first.overall.auc!);
    expect(audit!.aucDifference!.lower).toBeGreaterThan(0);
    expect(audit!.lossGain.lower).toBeGreaterThan(0);
    expect(audit!.predictions.apartShare).toBeGreaterThan(0);
    expect(audit!.predictions.mostGap).toBeGreaterThan(audit!.predictions.meanGap);
    const { auc } = audit!.second.intervals!;
    expect(auc!.lower).toBeLessThan(audit!.second.overall.auc!);
    expect(auc!.upper).toBeGreaterThan(audit!.second.overall.auc!);
    const self = JSON.parse((await sluice('diff', version, 'champion', '--format', 'json')).stdout) as Comparison;
    expect(self.audit).toMatchObject({ predictions: { mostGap: 0 }, aucDifference: { mean: 0 } });
    expect((await sluice('diff', worse, 'champion')).stdout).toMatch(/on \d+ audit rows:\n +.*auc/s);
  });

  test('is signed where a key is configured, and an unsigned champion then no longer counts', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const key = join(world.folder, 'signing.pem');
    writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const withKey = ['--set', `retrain.signingKeyFile=${key}`];
    const unsigned = await sluice('verify', 'champion', ...withKey);
    expect(unsigned.status).toBe(3);
    expect(unsigned.stdout).toMatch(/signature +wrong +not signed/);
    const path = join(world.folder, 'again.onnx');
    const again = await sluice('publish', path, '--feature-set', featureSet, '--promote', ...withKey);
    expect(again.status, again.stderr).toBe(0);
    const signed = await sluice('verify', 'champion', ...withKey);
    expect(signed.stdout).toMatch(/signature +sound/);
  });

  test.each([
    ['answers NaN', () => file('nan.onnx', NaN, 0), [], /answers NaN on \d+ of \d+ rows/],
    ['has another width', () => file('wide.onnx', 0, 0, columns.length + 1), [], /columns, the feature set fs-/],
    ['does not say its feature set', () => file('mute.onnx', 0, 0), null, /--feature-set fs-/],
    ['is no file', () => join(world.folder, 'absent.onnx'), [], /cannot read .*absent.onnx/],
  ])('%s: nothing is published', async (_, path, words, message) => {
    const before = (await state()).manifests.size;
    const flags = words === null ? [] : ['--feature-set', featureSet, ...words];
    const refused = await sluice('publish', path(), ...flags, '--promote');
    expect(refused.status).toBeGreaterThan(0);
    expect(refused.stderr).toMatch(message);
    expect((await state()).manifests.size).toBe(before);
  });
});

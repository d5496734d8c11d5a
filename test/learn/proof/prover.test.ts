import { afterEach, describe, expect, test } from 'vitest';
import { SluiceError } from '../../../src/errors.js';
import { readCatalogue } from '../../../src/snapshot/catalogue.js';
import { publishSnapshot } from '../../../src/snapshot/publish.js';
import { bench, type Bench } from '../fakes.js';
import { FEATURE_SET } from '../samples.js';
import { clickStream } from '../stream.js';

let on: Bench;
afterEach(() => on.close());

const PROOF = { everyFits: 2, minPositives: 30, repeats: 2 } as const;
const FITS_A_PROOF = 4 * PROOF.repeats;

async function started(proof: object = {}, over: Parameters<Bench['start']>[0] = {}) {
  on = await bench({ retrain: { learner: 'linear', everySamples: 1_000, everyMs: 0, proof: { ...PROOF, ...proof } } });
  const { training, audit } = clickStream(10_000, 21);
  await on.append('training', training);
  await on.append('audit', audit);
  return { ...on.start({ provesBetweenFits: true, ...over }), audit };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await on.clock.sleep(0);
}

const proofs = (labels?: Record<string, string>) => on.metrics.total('sluice_proofs_total', labels);

describe('the live proof', () => {
  test('follows the first fit and then every so many, in metrics with both policies and the bounds', async () => {
    const { learner } = await started();
    for (const [fit, made] of [1, 1, 2, 2, 3].entries()) {
      await learner.run(10_000 + fit);
      await until(() => proofs() >= made);
      for (let turn = 0; turn < 20; turn++) await on.clock.sleep(0);
      expect(proofs(), `after fit ${fit + 1}`).toBe(made);
    }
    const proof = learner.proof();
    expect(proof?.status).toBe('proved');
    if (proof?.status !== 'proved') return;
    for (const policy of ['curated', 'uniform', 'champion'] as const) {
      expect(on.metrics.latest('sluice_curation_auc', { policy })).toBe(proof.auc[policy]);
      expect(on.metrics.latest('sluice_curation_normalised_entropy', { policy })).toBe(proof.normalisedEntropy[policy]);
    }
    for (const bound of ['mean', 'lower', 'upper'] as const) {
      expect(on.metrics.latest('sluice_curation_auc_difference', { bound })).toBe(proof.auc.difference[bound]);
      expect(on.metrics.latest('sluice_curation_normalised_entropy_difference', { bound })).toBe(
        proof.normalisedEntropy.difference[bound],
      );
    }
  });

  test('publishes none of its models, and no published one was trained on an audit row', async () => {
    const { learner, follower, audit } = await started();
    await learner.run(10_000);
    await learner.prove();
    expect(on.plain.seen.length).toBeGreaterThan(FITS_A_PROOF);
    expect((await readCatalogue(on.transport)).manifests.size).toBe(1);
    expect(follower.manifests()).toHaveLength(1);
    const set = new Set(audit.map(({ features }) => features[0]!));
    const [published, ...thrownAway] = on.plain.seen;
    expect(published!.training.rows.filter((x) => set.has(x))).toHaveLength(0);
    expect(thrownAway.filter(({ training }) => training.rows.every((x) => set.has(x))).length).toBe(
      thrownAway.length / 2,
    );
  });

  test('says that there is not enough yet, and looks again at the next fit', async () => {
    const { learner } = await started({ minPositives: 100_000 });
    await learner.run(10_000);
    await learner.run(11_000);
    await until(() => proofs() === 2);
    expect(proofs({ result: 'not-enough-data' })).toBe(2);
    expect(learner.proof()).toMatchObject({ status: 'not-enough-data', minPositives: 100_000 });
    expect(on.metrics.latest('sluice_curation_auc')).toBeUndefined();
  });

  test('judges the champion that it began with, however often that changes meanwhile', async () => {
    const { learner, follower } = await started();
    await learner.run(10_000);
    await until(() => proofs() === 1);
    const fit = on.plain.trainer.fit.bind(on.plain.trainer);
    let changes = 0;
    on.plain.trainer.fit = async (request, signal) => {
      if (changes++ < 3) {
        const onnx = new TextEncoder().encode(JSON.stringify({ intercept: -changes, slope: 1 }));
        const brought = { onnx, featureSetId: FEATURE_SET, columns: ['x'], memberCount: 1, promote: true };
        await publishSnapshot({ transport: on.transport, clock: on.clock }, brought);
        await follower.catchUp();
      }
      return fit(request, signal);
    };
    expect(await learner.prove()).toMatchObject({ status: 'proved' });
    expect(changes).toBe(FITS_A_PROOF);
    expect(proofs({ result: 'failed' })).toBe(0);
  });

  test('that fails is logged and counted, and neither champion nor the next fit knows', async () => {
    const { learner, follower } = await started();
    const fit = on.plain.trainer.fit.bind(on.plain.trainer);
    on.plain.trainer.fit = (request, signal) =>
      on.plain.seen.length % 2 === 1
        ? Promise.reject(new SluiceError('fit-failed', { learner: 'linear', rows: 1, why: 'switched' }))
        : fit(request, signal);
    const first = await learner.run(10_000);
    await until(() => proofs() === 1);
    expect(proofs({ result: 'failed' })).toBe(1);
    expect(on.logger.messages('error')).toContain('no proof of the curation, the champion is not touched');
    expect(on.metrics.total('sluice_fits_total', { result: 'failed' })).toBe(0);
    expect(follower.champion()?.snapshotVersion).toBe(first?.manifest.version);
    on.plain.trainer.fit = fit;
    expect(await learner.prove()).toMatchObject({ status: 'proved' });
  });

  test('holds up neither the next fit nor the end: what is under way is given up', async () => {
    const { learner, follower } = await started();
    const fit = on.plain.trainer.fit.bind(on.plain.trainer);
    let hanging = 0;
    on.plain.trainer.fit = (request, signal) => {
      if (on.plain.seen.length !== 1 || hanging > 0) return fit(request, signal);
      hanging++;
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
    };
    await learner.run(10_000);
    await until(() => hanging === 1);
    const second = await learner.run(11_000);
    expect(follower.champion()?.snapshotVersion).toBe(second?.manifest.version);
    await learner.stop();
    expect(proofs()).toBe(0);
    expect(learner.proof()).toBeUndefined();
  });

  test('off, or left to the end, makes none on the way', async () => {
    for (const [proof, over, atEnd] of [
      [{ enabled: false }, {}, undefined],
      [{}, { provesBetweenFits: false }, 'proved'],
    ] as const) {
      const { learner } = await started(proof, over);
      await learner.run(10_000);
      for (let turn = 0; turn < 50; turn++) await on.clock.sleep(0);
      expect(on.plain.seen).toHaveLength(1);
      expect((await learner.prove())?.status).toBe(atEnd);
      if (atEnd === undefined) await on.close();
    }
  });

  test('needs no fit of this process: a restart proves on what the topics hold', async () => {
    const { learner } = await started();
    expect(await learner.prove()).toMatchObject({ status: 'proved', auc: { champion: null } });
  });

  test('given up says nothing', async () => {
    const { learner } = await started();
    expect(await learner.prove(AbortSignal.abort())).toBeUndefined();
    expect(proofs()).toBe(0);
  });
});

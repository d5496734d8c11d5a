import { describe, expect, test } from 'vitest';
import { configSchema, type ConfigInput } from '../../../src/config/schema.js';
import type { Proved } from '../../../src/learn/proof/proof.js';
import { prove } from '../../../src/learn/proof/prove.js';
import { fitRequest } from '../../../src/learn/fit/request.js';
import type { HeldBundle } from '../../../src/bundle/sample.js';
import type { ModelLoader } from '../../../src/ports/model.js';
import { inThread } from './in-thread.js';
import { firstColumn, heldRows } from './rows.js';

const never = new AbortController().signal;

function caseOf(audit: HeldBundle, training: HeldBundle, retrain: ConfigInput['retrain'] = {}) {
  const plain = inThread();
  const settings = configSchema.parse({ retrain: { learner: 'linear', ...retrain } }).retrain;
  const given = {
    audit,
    training,
    champion: undefined,
    retrain: settings,
    trainer: plain.trainer,
    loader: plain.loader,
  };
  return { plain, given: { ...given, featureSetId: 'features-test' } };
}

async function proved(audit: HeldBundle, training: HeldBundle, retrain?: ConfigInput['retrain']): Promise<Proved> {
  const proof = await prove(caseOf(audit, training, retrain).given, never);
  if (proof.status !== 'proved') throw new Error('not enough rows in this test');
  return proof;
}

describe('a proof', () => {
  test('of honest curated rows does not call them worse, and says how much better they are', async () => {
    const proof = await proved(
      heldRows({ count: 4_000, seed: 1 }),
      heldRows({ count: 8_000, seed: 2, isCurated: true }),
    );
    expect(proof.verdict).not.toBe('worse');
    for (const { curated, uniform, difference } of [proof.auc, proof.normalisedEntropy]) {
      expect(difference.mean).toBeCloseTo(curated - uniform, 6);
      expect(difference.lower).toBeLessThan(difference.mean);
      expect(difference.upper).toBeGreaterThan(difference.mean);
    }
    expect(proof).toMatchObject({ pairs: 2 * configSchema.parse({}).retrain.proof.repeats, auditRows: 4_000 });
  });

  test('of curated rows whose offsets were lost calls them worse', async () => {
    const training = heldRows({ count: 8_000, seed: 4, isCurated: true });
    const spoilt = { ...training, offsets: new Float32Array(training.rowCount) };
    const { verdict, normalisedEntropy } = await proved(heldRows({ count: 4_000, seed: 3 }), spoilt);
    expect(verdict).toBe('worse');
    expect(normalisedEntropy.difference.lower).toBeGreaterThan(0);
  });

  test('of curated rows whose columns were mixed up calls them worse by their AUC, too', async () => {
    const training = heldRows({ count: 8_000, seed: 6, isCurated: true });
    const rows = training.rows.map((_, i) => training.rows[i ^ 2]!);
    const spoilt = { ...training, rows };
    const { verdict, auc } = await proved(heldRows({ count: 4_000, seed: 5 }), spoilt);
    expect(verdict).toBe('worse');
    expect(auc.difference.upper).toBeLessThan(0);
  });

  test('of rows of one kind finds no difference in at least nine of ten draws, by either metric', async () => {
    const draws = 60;
    const covered = { auc: 0, normalisedEntropy: 0 };
    for (let draw = 0; draw < draws; draw++) {
      const [audit, training] = [0, 1].map((kind) => heldRows({ count: 1_500, seed: 1_000 + 2 * draw + kind }));
      const proof = await proved(audit!, training!);
      for (const metric of ['auc', 'normalisedEntropy'] as const) {
        const { lower, upper } = proof[metric].difference;
        if (lower <= 0 && upper >= 0) covered[metric]++;
      }
    }
    expect(covered.auc).toBeGreaterThanOrEqual(0.9 * draws);
    expect(covered.normalisedEntropy).toBeGreaterThanOrEqual(0.9 * draws);
  });

  test('fits on as many rows of either kind, with the correction that the learner takes', async () => {
    for (const learner of ['linear', 'forest'] as const) {
      const { plain, given } = caseOf(
        heldRows({ count: 2_000, seed: 7 }),
        heldRows({ count: 4_000, seed: 8, isCurated: true }),
        { learner },
      );
      await prove(given, never);
      expect(plain.seen).toHaveLength(4 * given.retrain.proof.repeats);
      for (let i = 0; i < plain.seen.length; i += 2) {
        const [curated, uniform] = [plain.seen[i]!, plain.seen[i + 1]!];
        expect(curated.training.rowCount).toBe(uniform.training.rowCount);
        expect(curated.seed).toBe(uniform.seed);
        expect(curated.training.offsets.some((offset) => offset !== 0)).toBe(learner === 'linear');
      }
    }
  });

  test('judges on no row that either model was trained on', async () => {
    const audit = heldRows({ count: 2_000, seed: 9 });
    const { plain, given } = caseOf(audit, heldRows({ count: 4_000, seed: 10, isCurated: true }));
    const judged: Set<number>[] = [];
    const loader: ModelLoader = {
      async load(...args) {
        const model = await plain.loader.load(...args);
        const rows = new Set<number>();
        judged.push(rows);
        const predict: typeof model.predict = (x, count) => {
          firstColumn(x).forEach((value) => rows.add(value));
          return model.predict(x, count);
        };
        return { ...model, predict };
      },
    };
    await prove({ ...given, loader }, never);
    expect(judged).toHaveLength(plain.seen.length);
    judged.forEach((rows, i) => {
      expect(rows.size).toBeGreaterThan(900);
      expect(firstColumn(plain.seen[i]!.training.rows).filter((x) => rows.has(x))).toHaveLength(0);
    });
  });

  test('shows the champion on all audit rows beside them', async () => {
    const audit = heldRows({ count: 3_000, seed: 11 });
    const training = heldRows({ count: 6_000, seed: 12, isCurated: true });
    const { plain, given } = caseOf(audit, training);
    const fitted = await plain.trainer.fit(fitRequest(given.retrain, training));
    const champion = await plain.loader.load(fitted.onnx, '000001-abcdef', 'features-test');
    const proof = (await prove({ ...given, champion }, never)) as Proved;
    expect(proof.auc.champion).toBeGreaterThanOrEqual(proof.auc.uniform - 0.02);
    expect(proof.normalisedEntropy.champion).toBeLessThan(1);
    expect((await proved(audit, training)).auc.champion).toBeNull();
  });

  test('is not made of too few positives, nor of rows of one class, nor of none', async () => {
    const audit = heldRows({ count: 300, seed: 13 });
    const positives = audit.labels.reduce((sum, label) => sum + label, 0);
    const training = heldRows({ count: 600, seed: 14, isCurated: true });
    const { plain, given } = caseOf(audit, training, { proof: { minPositives: positives + 1 } });
    expect(await prove(given, never)).toEqual({
      status: 'not-enough-data',
      auditRows: 300,
      positives,
      minPositives: positives + 1,
    });
    const enough = { proof: { minPositives: 1 } };
    const ofOneClass = { ...training, labels: new Uint8Array(600) };
    const empty = heldRows({ count: 0, seed: 15 });
    for (const [of, by] of [
      [ofOneClass, audit],
      [empty, audit],
      [training, empty],
    ] as const)
      expect((await prove(caseOf(by, of, enough).given, never)).status).toBe('not-enough-data');
    expect(plain.seen).toHaveLength(0);
  });

  test('repeats to the last digit', async () => {
    const rows = [heldRows({ count: 1_500, seed: 16 }), heldRows({ count: 3_000, seed: 17, isCurated: true })] as const;
    expect(await proved(...rows)).toEqual(await proved(...rows));
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../../src/config/schema.js';
import { poolPlanOf, type PoolPlan } from '../../../src/pipeline/select/pool-budget.js';
import { AUDIT, KEPT, selectionColumns, Selector, type Importances } from '../../../src/pipeline/select/select.js';
import type { SelectionMemory } from '../../../src/pipeline/select/selection-memory.js';
import { mix } from '../../../src/pipeline/state/keys.js';
import { configOf, keyOf } from '../kit.js';
import { randomOf } from '../traffic.js';

type Selection = Config['selection'];

interface Decision {
  readonly fate: number;
  readonly probability: number;
  readonly offset: number;
  readonly pooled: number;
  readonly poolProbability: number;
  readonly poolOffset: number;
}

/** Random samples; the first `unscored` of them have no champion. */
function streamOf(count: number, seed: number) {
  const random = randomOf(seed);
  const labels = new Uint8Array(count);
  const importances = { ifNegative: new Float64Array(count), ifPositive: new Float64Array(count) };
  for (let i = 0; i < count; i++) {
    const p = 0.2 * random() ** 3;
    labels[i] = random() < p ? 1 : 0;
    importances.ifNegative[i] = p;
    importances.ifPositive[i] = 1 - p;
  }
  const samples = Float64Array.from({ length: count }, (_, i) => mix(keyOf(`pool${seed}-${i >> 3}`), i & 7));
  return { samples, labels, importances, count };
}

type Stream = ReturnType<typeof streamOf>;

/** Decides on a stream batch by batch; `lives` ends the selector after each batch and begins another from its memory. */
function decideAll(
  selection: Selection,
  pool: PoolPlan | undefined,
  { samples, labels, importances, count }: Stream,
  { batch = 500, lives = false, isUniform = false } = {},
): Decision[] {
  const made = (lnMu: number | null, memory?: SelectionMemory) =>
    new Selector(selection, keyOf, lnMu, { pool, ...(memory ? { memory } : {}) });
  let selector = made(null);
  const columns = selectionColumns();
  const decisions: Decision[] = [];
  for (let from = 0; from < count; from += batch) {
    const to = Math.min(count, from + batch);
    const part: Importances = {
      ifNegative: importances.ifNegative.subarray(from, to),
      ifPositive: importances.ifPositive.subarray(from, to),
    };
    selector.select(
      samples.subarray(from, to),
      labels.subarray(from, to),
      to - from,
      isUniform ? undefined : part,
      columns,
    );
    for (let i = 0; i < to - from; i++)
      decisions.push({
        fate: columns.fates[i]!,
        probability: columns.inclusionProbabilities[i]!,
        offset: columns.logOddsOffsets[i]!,
        pooled: columns.pooled[i]!,
        poolProbability: columns.poolProbabilities[i]!,
        poolOffset: columns.poolOffsets[i]!,
      });
    if (lives) selector = made(selector.lnMu, JSON.parse(JSON.stringify(selector.memory)) as SelectionMemory);
  }
  return decisions;
}

const settingsOf = (rest: Partial<Selection> = {}): Selection => ({
  ...configOf().selection,
  auditFraction: 0.05,
  ...rest,
});
const arbitrary = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }),
  budget: fc.constantFrom(0.01, 0.05, 0.1, 0.5),
  throttle: fc.constantFrom(1, 0.5),
  rowCount: fc.constantFrom(100, 1_000, 1e6),
  share: fc.constantFrom(0.6, 1),
  scorer: fc.constantFrom('surprise' as const, 'top' as const),
  isUniform: fc.boolean(),
});

describe('the pool of the learner', () => {
  it('takes every sample that is kept and none of the audit slice, whatever budgets, scorer and throttle', () => {
    fc.assert(
      fc.property(arbitrary, ({ seed, rowCount, share, isUniform, ...selection }) => {
        const stream = streamOf(2_000, seed);
        const decisions = decideAll(settingsOf(selection), { budget: share, rowCount }, stream, { isUniform });
        for (const { fate, pooled, probability, poolProbability } of decisions) {
          if (fate === AUDIT) expect(pooled).toBe(0);
          else expect(poolProbability).toBeGreaterThanOrEqual(probability);
          if (fate === KEPT) expect(pooled).toBe(1);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('changes nothing about what is kept', () => {
    fc.assert(
      fc.property(arbitrary, ({ seed, rowCount, share, isUniform, ...selection }) => {
        const stream = streamOf(1_000, seed);
        const kept = (plan: PoolPlan | undefined) =>
          decideAll(settingsOf(selection), plan, stream, { isUniform }).map(({ fate, probability, offset }) => [
            fate,
            probability,
            offset,
          ]);
        expect(kept({ budget: share, rowCount })).toEqual(kept(undefined));
      }),
      { numRuns: 40 },
    );
  });

  it('goes on after a restart as if there had been none, and does not depend on how batches are cut', () => {
    const stream = streamOf(4_000, 3);
    const plan = { budget: 1, rowCount: 1_000 };
    const whole = decideAll(settingsOf(), plan, stream, { batch: 4_000 });
    expect(decideAll(settingsOf(), plan, stream, { batch: 321, lives: true })).toEqual(whole);
  });

  it('has everything while all fits, then what would fit of the whole past, and never less than is kept', () => {
    const stream = streamOf(60_000, 5);
    const decisions = decideAll(settingsOf({ auditFraction: 0, budget: 0.1 }), { budget: 1, rowCount: 3_000 }, stream);
    const share = (from: number, to: number) =>
      decisions.slice(from, to).reduce((sum, { pooled }) => sum + pooled, 0) / (to - from);
    expect(decisions.slice(0, 3_000).every(({ pooled, poolOffset }) => pooled === 1 && poolOffset === 0)).toBe(true);
    // Σ 3,000/t over these is 3,000·ln 2: 23.1 %
    expect(share(9_000, 12_000)).toBeGreaterThan(0.25);
    expect(share(9_000, 12_000)).toBeLessThan(0.33);
    expect(share(45_000, 60_000)).toBeGreaterThan(0.09);
    expect(share(45_000, 60_000)).toBeLessThan(0.115);
  });

  it('carries an honest π: the sum of 1/π estimates the count, and the offset is the log odds that π adds to the label', () => {
    const stream = streamOf(100_000, 11);
    const decisions = decideAll(settingsOf({ auditFraction: 0, budget: 0.02 }), { budget: 0.3, rowCount: 1e9 }, stream);
    const pooled = decisions.flatMap((decision, i) => (decision.pooled === 1 ? [{ ...decision, i }] : []));
    const weights = pooled.map(({ poolProbability }) => 1 / poolProbability);
    const variance = pooled.reduce((sum, { poolProbability: p }) => sum + (1 - p) / p ** 2, 0);
    const sum = weights.reduce((a, b) => a + b, 0);
    expect(Math.abs(sum - 100_000)).toBeLessThan(4 * Math.sqrt(variance));
    expect(pooled.length / 100_000).toBeCloseTo(0.3, 1);
    // With its offset added, the champion that the importances come from stays calibrated on the pool.
    const predicted = pooled.map(({ i, poolOffset }) => {
      const p = stream.importances.ifNegative[i]!;
      return 1 / (1 + Math.exp(-(Math.log(p / (1 - p)) + poolOffset)));
    });
    const positives = pooled.reduce((count, { i }) => count + stream.labels[i]!, 0);
    const spread = Math.sqrt(predicted.reduce((total, p) => total + p * (1 - p), 0));
    expect(Math.abs(predicted.reduce((a, b) => a + b, 0) - positives)).toBeLessThan(4 * spread);
  });

  it('is not there where the budgets are equal', () => {
    const plan = (text: string[]) => {
      const [learner, selection] = text.map(Number);
      const { retrain, ...config } = configOf();
      return poolPlanOf(
        { retrain: { ...retrain, budget: learner! }, selection: { ...config.selection, budget: selection! } },
        10,
      );
    };
    expect(plan(['0.1', '0.1'])).toBeUndefined();
    expect(plan(['0.05', '0.1'])).toBeUndefined();
    expect(plan(['1', '0.1'])).toMatchObject({ budget: 1, rowCount: configOf().retrain.reservoirSize });
  });

  it('holds fewer rows where they are wide', () => {
    const { retrain, selection } = configOf();
    const plan = poolPlanOf({ retrain: { ...retrain, reservoirBytes: 1_000_000 }, selection }, 1_000);
    expect(plan!.rowCount * 4_000).toBeLessThanOrEqual(1_000_000);
    expect(plan!.rowCount).toBeGreaterThan(200);
  });
});

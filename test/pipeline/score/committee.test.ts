import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { committeeBrierLoss, committeeLogLoss } from '../../../src/pipeline/score/committee-loss.js';
import { FixedShares, LearnedShares, MOST_LEARNED } from '../../../src/pipeline/score/committee-shares.js';
import { committeeSpread } from '../../../src/pipeline/score/disagreement.js';
import { gradientNorm } from '../../../src/pipeline/score/gradient-norm.js';
import type { ScorableBatch, Scorer } from '../../../src/pipeline/score/scorer.js';
import { scorerOf } from '../../../src/pipeline/score/scorers.js';
import { configOf } from '../kit.js';
import { randomOf } from '../traffic.js';

interface Given {
  readonly members: readonly (readonly number[])[];
  readonly labels?: readonly number[];
  readonly rows?: readonly (readonly number[])[];
  readonly snapshotVersion?: string;
}

function batchOf({ members, labels, rows = members.map(() => []), snapshotVersion = 'v1' }: Given): ScorableBatch {
  return {
    prediction: {
      members: Float32Array.from(members.flat()),
      probability: Float32Array.from(members, (row) => row.reduce((sum, p) => sum + p, 0) / row.length),
    },
    rowCount: members.length,
    memberCount: members[0]!.length,
    snapshotVersion,
    rows: Float32Array.from(rows.flat()),
    columnCount: rows[0]!.length,
    labels: Uint8Array.from(labels ?? members.map(() => 0)),
  };
}

function importances(scorer: Scorer, given: Given): { negative: number[]; positive: number[] } {
  const batch = batchOf(given);
  const negative = new Float64Array(batch.rowCount);
  const positive = new Float64Array(batch.rowCount);
  scorer.score(batch, negative, positive);
  return { negative: [...negative], positive: [...positive] };
}

const probability = fc.integer({ min: 0, max: 1000 }).map((n) => Math.fround(n / 1000));
const committee = fc
  .integer({ min: 1, max: 6 })
  .chain((size) =>
    fc.array(fc.array(probability, { minLength: size, maxLength: size }), { minLength: 1, maxLength: 20 }),
  );

describe('disagreement', () => {
  it('is the root of the α-weighted variance, whatever the label', () => {
    fc.assert(
      fc.property(committee, (members) => {
        const { negative, positive } = importances(committeeSpread(), { members });
        expect(negative).toEqual(positive);
        members.forEach((row, i) => {
          const mean = row.reduce((sum, p) => sum + p, 0) / row.length;
          const variance = row.reduce((sum, p) => sum + (p - mean) ** 2, 0) / row.length;
          expect(negative[i]).toBeCloseTo(Math.sqrt(variance + 1e-12), 9);
        });
      }),
    );
  });

  it('and surprise make up committee-loss: s² = (y − p̄)² + Var p', () => {
    fc.assert(
      fc.property(committee, (members) => {
        const spread = importances(committeeSpread(), { members }).negative;
        const { negative, positive } = importances(committeeBrierLoss(), { members });
        members.forEach((row, i) => {
          const mean = row.reduce((sum, p) => sum + p, 0) / row.length;
          expect(negative[i]! ** 2).toBeCloseTo(mean ** 2 + spread[i]! ** 2, 6);
          expect(positive[i]! ** 2).toBeCloseTo((1 - mean) ** 2 + spread[i]! ** 2, 6);
        });
      }),
    );
  });
});

describe('committee-loss by log loss', () => {
  it('is Σ α·(−ln p of what happened), finite for certainty', () => {
    const { negative, positive } = importances(committeeLogLoss(new FixedShares([3, 1])), {
      members: [
        [0.5, 0.25],
        [0, 1],
      ],
    });
    expect(negative[0]).toBeCloseTo(-0.75 * Math.log(0.5) - 0.25 * Math.log(0.75), 6);
    expect(positive[0]).toBeCloseTo(-0.75 * Math.log(0.5) - 0.25 * Math.log(0.25), 6);
    expect(Math.max(negative[1]!, positive[1]!)).toBeLessThan(17);
  });
});

describe('gradient-norm', () => {
  it('is |y − p̄| times the norm of the squashed row with its intercept, missing columns out of it', () => {
    const { negative, positive } = importances(gradientNorm.early!, {
      members: [[0.25], [0.25]],
      rows: [
        [Math.E - 1, NaN, 0],
        [NaN, -(Math.E ** 2 - 1), Math.E - 1],
      ],
    });
    expect(negative[0]).toBeCloseTo(0.25 * Math.sqrt(2), 5);
    expect(positive[0]).toBeCloseTo(0.75 * Math.sqrt(2), 5);
    expect(positive[1]).toBeCloseTo(0.75 * Math.sqrt(1 + 4 + 1), 5);
  });
});

describe('learned shares', () => {
  /** Members of which the last alone knows the probability. */
  function stream(count: number, memberCount: number): Given {
    const random = randomOf(3);
    const members: number[][] = [];
    const labels: number[] = [];
    for (let i = 0; i < count; i++) {
      const p = random();
      members.push(Array.from({ length: memberCount }, (_, k) => (k === memberCount - 1 ? p : random())));
      labels.push(random() < p ? 1 : 0);
    }
    return { members, labels };
  }

  const after = (shares: LearnedShares, given: Given): Float64Array => {
    importances(committeeBrierLoss(shares), given);
    return shares.of(given.members[0]!.length, given.snapshotVersion ?? 'v1');
  };

  it('go to the member with the least loss, sum to 1, and leave every other its floor', () => {
    const shares = after(new LearnedShares([], 0.2), stream(5_000, 4));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(shares[3]).toBeGreaterThan(0.8);
    for (const share of shares) expect(share).toBeGreaterThanOrEqual(0.05);
  });

  it('look at no label before its own row is scored, so the batches do not matter', () => {
    const given = stream(300, 3);
    const whole = importances(committeeBrierLoss(new LearnedShares([], 0.2)), given);
    const parted = committeeBrierLoss(new LearnedShares([], 0.2));
    const parts = [given.members.slice(0, 70), given.members.slice(70)].map((members, part) =>
      importances(parted, { members, labels: part === 0 ? given.labels!.slice(0, 70) : given.labels!.slice(70) }),
    );
    expect(parts.flatMap(({ negative }) => negative)).toEqual(whole.negative);
    const others = importances(committeeBrierLoss(new LearnedShares([], 0.2)), {
      ...given,
      labels: [1 - given.labels![0]!, ...given.labels!.slice(1)],
    });
    expect(others.negative[0]).toBe(whole.negative[0]);
    expect(others.negative[1]).not.toBe(whole.negative[1]);
  });

  it('begin anew with another snapshot, and go on where they were after a restart', () => {
    const given = stream(500, 3);
    const shares = new LearnedShares([2, 1, 1], 0.1);
    const learned = [...after(shares, given)];
    const restored = new LearnedShares([2, 1, 1], 0.1);
    restored.remember(structuredClone(shares.memory!));
    expect([...restored.of(3, 'v1')]).toEqual(learned);
    expect([...shares.of(3, 'v2')]).toEqual([0.5, 0.25, 0.25]);
    expect(shares.memory).toBeNull();
  });

  it('stay as they begin for a committee too large for the progress record', () => {
    const shares = new LearnedShares([], 0.2);
    after(shares, stream(20, MOST_LEARNED + 1));
    expect(shares.memory).toBeNull();
  });

  it('are the scorer’s memory when the config asks for them, and only then', () => {
    const given = stream(50, 3);
    const learning = scorerOf(
      configOf({ selection: { scorer: 'committee-loss', learnCommitteeShares: true } }).selection,
    );
    importances(learning, given);
    expect(learning.memory!()).toMatchObject({ snapshotVersion: 'v1', sampleCount: 50 });
    expect(scorerOf(configOf({ selection: { scorer: 'committee-loss' } }).selection).memory).toBeUndefined();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_SNAPSHOT, scoreBatch, type ScorableSamples } from '../../../src/pipeline/score/score.js';
import { SCORER_NAMES, scorerNamed, scorerOf, type NamedScorer } from '../../../src/pipeline/score/scorers.js';
import type { Scorer } from '../../../src/pipeline/score/scorer.js';
import type { Model } from '../../../src/ports/model.js';
import { scorerLaws } from '../../laws/scorer-laws.js';
import { configOf } from '../kit.js';

const named = (scorer: 'uniform' | 'surprise' | 'committee-loss', committeeShares: number[] = []): NamedScorer =>
  scorerOf({ ...configOf().selection, scorer, committeeShares });
const committeeLoss = (shares: number[]): Scorer => named('committee-loss', shares);
const surprise = named('surprise');

const probability = fc.float({ min: 0, max: 1, noNaN: true });
const committees = fc.integer({ min: 1, max: 8 }).chain((memberCount) =>
  fc.array(fc.array(probability, { minLength: memberCount, maxLength: memberCount }), {
    minLength: 1,
    maxLength: 20,
  }),
);

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function scored(
  scorer: Scorer,
  rows: readonly (readonly number[])[],
): { negative: Float64Array; positive: Float64Array } {
  const members = Float32Array.from(rows.flat());
  const prediction = { members, probability: Float32Array.from(rows, mean) };
  const rowCount = rows.length;
  const negative = new Float64Array(rowCount);
  const positive = new Float64Array(rowCount);
  const batch = {
    prediction,
    rowCount,
    memberCount: rows[0]!.length,
    snapshotVersion: 'v1',
    rows: new Float32Array(rowCount),
    columnCount: 1,
    labels: new Uint8Array(rowCount),
  };
  scorer.score(batch, negative, positive);
  return { negative, positive };
}

describe('committee loss', () => {
  it('is sqrt((y − p̄)² + Var p) for both labels', () => {
    fc.assert(
      fc.property(committees, (rows) => {
        const { negative, positive } = scored(committeeLoss([]), rows);
        rows.forEach((members, i) => {
          const p = mean(members);
          const variance = mean(members.map((member) => (member - p) ** 2));
          expect(negative[i]).toBeCloseTo(Math.sqrt(p ** 2 + variance), 9);
          expect(positive[i]).toBeCloseTo(Math.sqrt((1 - p) ** 2 + variance), 9);
        });
      }),
    );
  });

  it('weighs members by their shares, whatever these add up to', () => {
    const { negative, positive } = scored(committeeLoss([3, 1]), [[0.2, 0.6]]);
    expect(negative[0]).toBeCloseTo(Math.sqrt(0.75 * 0.04 + 0.25 * 0.36), 6);
    expect(positive[0]).toBeCloseTo(Math.sqrt(0.75 * 0.64 + 0.25 * 0.16), 6);
    expect(scored(committeeLoss([0.75, 0.25]), [[0.2, 0.6]])).toEqual({ negative, positive });
  });

  it('gives equal shares where the shares are of another committee, or all zero', () => {
    const equal = scored(committeeLoss([]), [[0.2, 0.6, 0.9]]);
    expect(scored(committeeLoss([1, 2]), [[0.2, 0.6, 0.9]])).toEqual(equal);
    expect(scored(committeeLoss([0, 0, 0]), [[0.2, 0.6, 0.9]])).toEqual(equal);
  });

  it('of one member is surprise', () => {
    fc.assert(
      fc.property(
        fc.array(
          probability.map((p) => [p]),
          { minLength: 1, maxLength: 20 },
        ),
        (rows) => {
          const committee = scored(committeeLoss([]), rows);
          const alone = scored(surprise, rows);
          rows.forEach((_, i) => {
            expect(committee.negative[i]).toBeCloseTo(alone.negative[i]!, 9);
            expect(committee.positive[i]).toBeCloseTo(alone.positive[i]!, 9);
          });
        },
      ),
    );
  });
});

for (const name of SCORER_NAMES)
  scorerLaws(name, scorerNamed(name), (other) => scorerNamed(other as (typeof SCORER_NAMES)[number]));

describe('every scorer', () => {
  it.each(SCORER_NAMES)('%s bears its config name', (scorer) => {
    expect(scorerOf({ ...configOf().selection, scorer }).name).toBe(scorer);
  });

  it('surprise is |y − p̄|', () => {
    const { negative, positive } = scored(surprise, [[0.25], [0], [1]]);
    expect([...negative]).toEqual([0.25, 0, 1]);
    expect([...positive]).toEqual([0.75, 1, 0]);
  });
});

describe('scoring a batch', () => {
  const batchOf = (count: number): ScorableSamples => ({
    rowCount: count,
    columnCount: 2,
    labels: new Uint8Array(count),
    rows: new Float32Array(count * 2).fill(0.5),
  });
  const model: Model = {
    snapshotVersion: 'v7',
    featureSetId: 'fs',
    memberCount: 2,
    predict: (_rows, rowCount) =>
      Promise.resolve({
        probability: new Float32Array(rowCount).fill(0.25),
        members: new Float32Array(rowCount * 2).fill(0.25),
      }),
    close: () => Promise.resolve(),
  };

  it('before the first snapshot the coin alone decides, under the name uniform', async () => {
    expect(await scoreBatch(batchOf(3), undefined, surprise)).toMatchObject({
      prediction: undefined,
      importances: undefined,
      scorer: 'uniform',
      snapshotVersion: NO_SNAPSHOT,
    });
  });

  it('names champion and scorer, and gives both labels their importance', async () => {
    const { snapshotVersion, scorer, importances } = await scoreBatch(batchOf(3), model, surprise);
    expect([snapshotVersion, scorer]).toEqual(['v7', 'surprise']);
    expect([...importances!.ifNegative, ...importances!.ifPositive]).toEqual([0.25, 0.25, 0.25, 0.75, 0.75, 0.75]);
  });

  it('under the uniform scorer the champion predicts, but the coin alone decides', async () => {
    const { prediction, importances } = await scoreBatch(batchOf(2), model, named('uniform'));
    expect([...prediction!.probability]).toEqual([0.25, 0.25]);
    expect(importances).toBeUndefined();
  });
});

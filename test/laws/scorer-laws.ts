import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScorableBatch, Scorer, ScorerDeclaration, ScorerSettings } from '../../src/pipeline/score/scorer.js';

const probability = fc.float({ min: 0, max: 1, noNaN: true });
const committees = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 12 }))
  .chain(([memberCount, rowCount]) =>
    fc.record({
      memberCount: fc.constant(memberCount),
      rowCount: fc.constant(rowCount),
      members: fc.array(probability, { minLength: memberCount * rowCount, maxLength: memberCount * rowCount }),
      values: fc.array(fc.float(), { minLength: 2 * rowCount, maxLength: 2 * rowCount }),
      labels: fc.array(fc.nat(1), { minLength: rowCount, maxLength: rowCount }),
    }),
  );
type Committee = typeof committees extends fc.Arbitrary<infer T> ? T : never;

const SETTINGS: ScorerSettings = {
  committeeLoss: 'brier',
  committeeShares: [],
  learnCommitteeShares: false,
  committeeShareFloor: 0.2,
};

function batchOf({ memberCount, rowCount, members, values, labels }: Committee): ScorableBatch {
  const means = Array.from({ length: rowCount }, (_, i) => {
    const own = members.slice(i * memberCount, (i + 1) * memberCount);
    return own.reduce((sum, p) => sum + p, 0) / memberCount;
  });
  return {
    prediction: { members: Float32Array.from(members), probability: Float32Array.from(means) },
    rowCount,
    memberCount,
    snapshotVersion: 'v1',
    rows: Float32Array.from(values),
    columnCount: 2,
    labels: Uint8Array.from(labels),
  };
}

function importances(scorer: Scorer, batch: ScorableBatch): readonly [number[], number[]] {
  const negative = new Float64Array(batch.rowCount);
  const positive = new Float64Array(batch.rowCount);
  scorer.score(batch, negative, positive);
  return [[...negative], [...positive]];
}

function rowOf(batch: Committee, i: number): Committee {
  const { memberCount, members, values, labels } = batch;
  return {
    memberCount,
    rowCount: 1,
    members: members.slice(i * memberCount, (i + 1) * memberCount),
    values: values.slice(2 * i, 2 * i + 2),
    labels: [labels[i]!],
  };
}

/** What every scorer keeps, whatever a sample counts for in it. */
export function scorerLaws(
  name: string,
  { summary, ofOne, early, make }: ScorerDeclaration,
  declarationOf: (name: string) => ScorerDeclaration,
): void {
  describe(`${name}, as a scorer`, () => {
    it('says in a sentence what a sample counts for', () => {
      expect(summary.length).toBeGreaterThan(10);
      expect(summary).not.toMatch(/\.$/);
    });

    it('gives both labels an importance that is finite and not negative', () => {
      fc.assert(
        fc.property(committees, (committee) => {
          for (const importance of importances(make(SETTINGS), batchOf(committee)).flat()) {
            expect(Number.isFinite(importance)).toBe(true);
            expect(importance).toBeGreaterThanOrEqual(0);
          }
        }),
      );
    });

    it('scores a row alone as in any batch', () => {
      fc.assert(
        fc.property(committees, (committee) => {
          const scorer = make(SETTINGS);
          const [negative, positive] = importances(scorer, batchOf(committee));
          for (let i = 0; i < committee.rowCount; i++)
            expect(importances(scorer, batchOf(rowOf(committee, i)))).toEqual([[negative[i]], [positive[i]]]);
        }),
      );
    });

    it('is the same for any labels: none of them is known when it scores', () => {
      fc.assert(
        fc.property(committees, (committee) => {
          const others = { ...committee, labels: committee.labels.map((label) => 1 - label) };
          expect(importances(make(SETTINGS), batchOf(others))).toEqual(importances(make(SETTINGS), batchOf(committee)));
        }),
      );
    });

    const same = ofOne?.(SETTINGS) ?? null;
    it.runIf(same !== null)(`with a committee of one orders samples as ${same} does`, () => {
      fc.assert(
        fc.property(committees, (committee) => {
          const members = committee.members.filter((_, i) => i % committee.memberCount === 0);
          const batch = batchOf({ ...committee, members, memberCount: 1 });
          const own = importances(make(SETTINGS), batch).flat();
          const other = importances(declarationOf(same!).make(SETTINGS), batch).flat();
          // Up to one factor: a budget does not see it.
          const factor = own[0]! > 1e-9 && other[0]! > 1e-9 ? other[0]! / own[0]! : 1;
          own.forEach((importance, i) => {
            if (importance > 1e-5) expect(importance * factor).toBeCloseTo(other[i]!, 5);
          });
        }),
      );
    });

    it.runIf(same === null && early !== undefined)('with a committee of one is what it says before the first', () => {
      fc.assert(
        fc.property(committees, (committee) => {
          const members = committee.members.filter((_, i) => i % committee.memberCount === 0);
          const batch = batchOf({ ...committee, members, memberCount: 1 });
          expect(importances(make(SETTINGS), batch)).toEqual(importances(early!, batch));
        }),
      );
    });
  });
}

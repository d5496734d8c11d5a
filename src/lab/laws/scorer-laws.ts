import assert from 'node:assert/strict';
import type { ScorableBatch, Scorer, ScorerDeclaration, ScorerSettings } from '../../pipeline/score/scorer.js';
import { batchOf, ofOne, rowOf, someCommittees, type Committee } from './committees.js';
import type { Law } from './law.js';

const SETTINGS: ScorerSettings = {
  committeeLoss: 'brier',
  committeeShares: [],
  learnCommitteeShares: false,
  committeeShareFloor: 0.2,
};

/** What every scorer keeps, whatever a sample counts for in it. */
export function scorerLaws(
  { summary, ofOne: nameOfOne, early, make }: ScorerDeclaration,
  declarationOf: (name: string) => ScorerDeclaration,
): readonly Law[] {
  const ofAll = (check: (committee: Committee) => void) => () => someCommittees().forEach(check);
  const same = nameOfOne?.(SETTINGS) ?? null;
  return [
    {
      name: 'says in a sentence, without its full stop, what a sample counts for',
      check() {
        assert.ok(summary.length > 10, `too short: ${summary}`);
        assert.doesNotMatch(summary, /\.$/);
      },
    },
    {
      name: 'gives both labels an importance that is finite and not negative',
      check: ofAll((committee) => {
        for (const importance of importances(make(SETTINGS), batchOf(committee)).flat())
          assert.ok(importance >= 0 && importance < Infinity, `${importance}`);
      }),
    },
    {
      name: 'scores a row alone as in any batch',
      check: ofAll((committee) => {
        const scorer = make(SETTINGS);
        const [negative, positive] = importances(scorer, batchOf(committee));
        for (let i = 0; i < committee.rowCount; i++)
          assert.deepEqual(importances(scorer, batchOf(rowOf(committee, i))), [[negative[i]], [positive[i]]]);
      }),
    },
    {
      name: 'is the same for any labels: none of them is known when it scores',
      check: ofAll((committee) => {
        const others = { ...committee, labels: committee.labels.map((label) => 1 - label) };
        assert.deepEqual(importances(make(SETTINGS), batchOf(others)), importances(make(SETTINGS), batchOf(committee)));
      }),
    },
    {
      name: 'leaves what it is given as it was',
      check: ofAll((committee) => {
        const batch = batchOf(committee);
        importances(make(SETTINGS), batch);
        assert.deepEqual(batch, batchOf(committee));
      }),
    },
    ...(same !== null ? [asAnother(make(SETTINGS), same, declarationOf(same).make(SETTINGS))] : []),
    ...(same === null && early
      ? [
          {
            name: 'with a committee of one is what it says before the first',
            check: ofAll((committee) => {
              const batch = batchOf(ofOne(committee));
              assert.deepEqual(importances(make(SETTINGS), batch), importances(early, batch));
            }),
          },
        ]
      : []),
  ];
}

/** Up to one factor: a budget does not see it. */
function asAnother(scorer: Scorer, name: string, other: Scorer): Law {
  return {
    name: `with a committee of one orders samples as ${name} does`,
    check() {
      for (const committee of someCommittees()) {
        const batch = batchOf(ofOne(committee));
        const own = importances(scorer, batch).flat();
        const others = importances(other, batch).flat();
        const factor = own[0]! > 1e-9 && others[0]! > 1e-9 ? others[0]! / own[0]! : 1;
        own.forEach((importance, i) => {
          if (importance <= 1e-5) return;
          const gap = Math.abs(importance * factor - others[i]!);
          assert.ok(gap < 5e-6, `${importance} × ${factor} is not ${others[i]}`);
        });
      }
    },
  };
}

function importances(scorer: Scorer, batch: ScorableBatch): readonly [number[], number[]] {
  const negative = new Float64Array(batch.rowCount);
  const positive = new Float64Array(batch.rowCount);
  scorer.score(batch, negative, positive);
  return [[...negative], [...positive]];
}

import { growTree } from '../../src/adapters/forest/grow-tree.js';
import { learnersWith } from '../../src/learn/learners/index.js';
import { describe, expect, it } from 'vitest';
import { predictWith, seededRandom } from '../../src/learn/learners/index.js';
import { permutationImportance } from '../../src/learn/permutation.js';
import { clickRows, sliceRows } from './learners/click-rows.js';

const learners = learnersWith(growTree);

const all = clickRows(12_000, 12, 3, -1.8);
const { predictor } = learners.boosting(sliceRows(all, 0, 8_000), { seed: 1, settings: { rounds: 60 } });
const judged = sliceRows(all, 8_000, 12_000);
const model = {
  predict: (rows: Float32Array, rowCount: number) => Promise.resolve(predictWith(predictor, rows, rowCount)),
};

describe('permutation importance', () => {
  it('finds the columns that carry the clicks, and nothing in a constant one', async () => {
    const found = await permutationImportance(model, judged, seededRandom(1));
    expect(found).toHaveLength(12);
    expect(found[8]).toEqual({ lossIncrease: 0, standardError: 0 });
    for (const column of [0, 2]) expect(found[column]!.lossIncrease).toBeGreaterThan(4 * found[column]!.standardError);
    for (const noise of [10, 11])
      expect(Math.abs(found[noise]!.lossIncrease)).toBeLessThan(found[0]!.lossIncrease / 10);
  });

  it('leaves the rows as they were and repeats with its random numbers', async () => {
    const rows = judged.rows.slice();
    const first = await permutationImportance(model, judged, seededRandom(7));
    expect(judged.rows).toEqual(rows);
    expect(await permutationImportance(model, judged, seededRandom(7))).toEqual(first);
  });

  it('of no rows is nothing', async () => {
    const none = { ...sliceRows(all, 0, 0) };
    for (const column of await permutationImportance(model, none, seededRandom(1)))
      expect(column).toEqual({ lossIncrease: 0, standardError: 0 });
  });
});

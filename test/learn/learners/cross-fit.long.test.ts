import { describe, expect, it } from 'vitest';
import { growTree } from '../../../src/adapters/forest/grow-tree.js';
import { clickRows } from '../../../src/lab/laws/click-rows.js';
import { halvesOf } from '../../../src/learn/learners/halves.js';
import { learnersWith, predictWith } from '../../../src/learn/learners/index.js';
import { sigmoid } from '../../../src/learn/learners/intercept.js';
import { marginsWith } from '../../../src/learn/learners/predict-with.js';

const COLUMNS = 24;
const RARE = -3.9;
const learners = learnersWith(growTree);
const fresh = clickRows(2_000, COLUMNS, 99, RARE);
const sum = (values: Iterable<number>): number => [...values].reduce((all, value) => all + value, 0);

/** Rows, about one in twenty of them clicked, and their halves. */
function taught(rowCount: number, seed: number) {
  const training = clickRows(rowCount, COLUMNS, seed, RARE);
  return { training, folds: Uint8Array.from({ length: rowCount }, (_, i) => (i * 7919) & 1) };
}

/** Predicted over true clicks of rows that the model has not seen, mean of four fits. */
function calibrations(rowCount: number) {
  const fits = [1, 2, 3, 4].map((seed) => {
    const { training, folds } = taught(rowCount, seed);
    const of = (given: object) => {
      const { predictor } = learners.boosting(training, { seed, settings: {}, ...given });
      const { probability } = predictWith(predictor, fresh.rows, fresh.rowCount);
      // Chance of the training clicks is in every model alike.
      const chance = sum(training.labels) / sum(training.truth);
      return sum(probability) / sum(fresh.truth) / chance;
    };
    return { plain: of({}), set: of({ folds }) };
  });
  const mean = (values: readonly number[]) => sum(values) / values.length;
  return { plain: mean(fits.map(({ plain }) => plain)), set: mean(fits.map(({ set }) => set)) };
}

describe('a model that knows its own clicks by heart', () => {
  it('predicts too few of others; set by what each half says of the other, it does not', () => {
    const of = { aWhole: calibrations(1_000), twoHalves: calibrations(2_500) };
    expect(of.aWhole.plain).toBeLessThan(0.85);
    for (const { plain, set } of Object.values(of)) {
      expect(Math.abs(set - 1)).toBeLessThan(0.15);
      expect(Math.abs(set - 1)).toBeLessThan(Math.abs(plain - 1));
    }
  });

  it.each(['boosting', 'linear', 'head'] as const)(
    'predicts as many clicks in each half as there are, by the model of the other: %s',
    (name) => {
      const { training, folds } = taught(2_500, 4);
      const offsets = Float32Array.from(training.labels, (_, i) => (i % 3) * 0.5);
      const { predictor } = learners[name]({ ...training, offsets }, { seed: 1, settings: {}, folds });
      expect(predictor.firstHalf).toBe(1);
      halvesOf({ ...training, offsets }, folds).forEach((half, own) => {
        const margins = marginsWith(predictor, half.rows, half.rowCount);
        const predicted = Array.from(half.offsets, (offset, i) => sigmoid(margins[2 * i + (1 - own)]! + offset));
        expect(sum(predicted)).toBeCloseTo(sum(half.labels), 1);
      });
    },
  );
});

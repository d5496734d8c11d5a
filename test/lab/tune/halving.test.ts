import { describe, expect, test } from 'vitest';
import { configSchema } from '../../../src/config/schema.js';
import { LEARNER_NAMES } from '../../../src/learn/learners/index.js';
import { climb, rungsOf } from '../../../src/lab/tune/halving.js';
import { gainOf } from '../../../src/lab/tune/judge-settings.js';
import { drawSettings } from '../../../src/lab/tune/space.js';

/** Losses that fall with the number of the candidate; 0 is the present one, and cannot be beaten below `best`. */
const climbing = (count: number, fits: number, isOver: (done: number) => boolean = () => false) => {
  const judged: { candidate: number; share: number }[] = [];
  return {
    judged,
    climbed: climb<number, number>({
      present: 0,
      candidates: Array.from({ length: count }, (_, at) => at + 1),
      rungs: rungsOf(fits),
      judge: (candidate, share) => {
        judged.push({ candidate, share });
        return Promise.resolve(candidate === 7 ? null : 100 - candidate);
      },
      lossOf: (result) => result,
      isOver: () => isOver(judged.length),
    }),
  };
};

describe('successive halving', () => {
  test.each([6, 7, 20, 43, 200])(
    'of %i fits takes no more than those, and each rung a third of the one before',
    async (fits) => {
      const rungs = rungsOf(fits);
      const { judged, climbed } = climbing(rungs[0]!.candidates, fits);
      await climbed;
      expect(judged.length).toBeLessThanOrEqual(fits);
      expect(rungs.at(-1)!.share).toBe(1);
      expect(rungs.map(({ candidates }) => candidates)).toEqual(
        [1, 3, 9].map((part) => Math.ceil(rungs[0]!.candidates / part)),
      );
    },
  );

  test('fits the present settings on every rung, and keeps the best', async () => {
    const { judged, climbed } = climbing(27, 43);
    const rungs = await climbed;
    expect(judged.filter(({ candidate }) => candidate === 0)).toHaveLength(3);
    expect(rungs.map(({ tried }) => tried[0]!.candidate)).toEqual([27, 27, 27]);
    expect(rungs[2]!.tried.map(({ candidate }) => candidate)).toEqual([27, 26, 25]);
    // The one that could not be fitted is last, and goes no further.
    expect(rungs[0]!.tried.at(-1)).toEqual({ candidate: 7, result: null });
  });

  test('leaves out a rung that the time does not reach', async () => {
    const { climbed } = climbing(27, 43, (done) => done >= 33);
    expect((await climbed).map(({ share }) => share)).toEqual([1 / 9]);
  });
});

describe('settings that are tried', () => {
  test.each(LEARNER_NAMES)('of %s are the same for a seed, others for another, and all valid', (learner) => {
    expect(drawSettings(learner, 1, 5)).toEqual(drawSettings(learner, 1, 5));
    expect(drawSettings(learner, 2, 5)).not.toEqual(drawSettings(learner, 1, 5));
    for (let number = 0; number < 200; number++)
      configSchema.parse({ retrain: { learner, [learner]: drawSettings(learner, 1, number) } });
  });
});

test('a gain is paired, and its standard error is over lists: rows that agree count once', () => {
  const before = Float64Array.of(3, 1, 2, 2);
  const after = Float64Array.of(1, 1, 2, 1);
  const alone = gainOf(before, after, Float64Array.of(1.5, 2.5, 3.5, 4.5));
  // Differences 2, 0, 0, 1: mean .75, squares 2.75.
  expect(alone).toEqual({ mean: 0.75, standardError: Math.sqrt(2.75) / 4 });
  const inLists = gainOf(before, after, Float64Array.of(1.25, 2.25, 2.5, 1.75));
  // Sums of 1.5 and −1.5 around the mean.
  expect(inLists).toEqual({ mean: 0.75, standardError: Math.sqrt(4.5) / 4 });
  expect(gainOf(after, after, Float64Array.of(1, 2, 3, 4))).toEqual({ mean: 0, standardError: 0 });
});

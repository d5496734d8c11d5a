import { expect, it } from 'vitest';
import { configSchema } from '../../../src/config/schema.js';
import { committeeSize, LEARNER_NAMES } from '../../../src/learn/learners/index.js';
import { learnerLaws, settingLaws } from '../../laws/learner-laws.js';

/** Short fits, learners by name; a learner without a row is held to the laws by its defaults. */
const SHORT = {
  forest: [{ trees: 20, rowsPerTree: 800 }],
  boosting: [{ rounds: 80 }, { rounds: 40, members: 5 }],
} as Readonly<Record<string, readonly Readonly<Record<string, number>>[]>>;

const TINY = {
  forest: { trees: 4, rowsPerTree: 200, minNodeRows: 5 },
  boosting: { rounds: 6, minChildHessian: 1 },
  head: { epochs: 2 },
  linear: { maxSteps: 40 },
} as Readonly<Record<string, Readonly<Record<string, number>>>>;

const NEEDS = {
  boosting: {
    stoppingRounds: {
      rounds: 60,
      stoppingFraction: 0.4,
      stoppingRounds: 1,
      learningRate: 0.1,
      columnFraction: 0.1,
      rowFraction: 0.2,
    },
    stoppingFraction: { stoppingRounds: 2 },
  },
  linear: { l1Ratio: { penalty: 0.05 }, tolerance: { tolerance: 0.01 } },
} as Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;

for (const name of LEARNER_NAMES) {
  for (const settings of SHORT[name] ?? [{}]) learnerLaws(name, settings);
  settingLaws(name, TINY[name], NEEDS[name]);
}

it('a config says how large its committee is, for every learner', () => {
  const size = (retrain: object) => committeeSize(configSchema.parse({ retrain }).retrain);
  expect(size({ learner: 'forest', forest: { trees: 7 } })).toBe(7);
  expect(size({ learner: 'boosting', boosting: { members: 5 } })).toBe(5);
  expect(size({ learner: 'head' })).toBe(1);
  expect(size({ learner: 'linear' })).toBe(1);
});

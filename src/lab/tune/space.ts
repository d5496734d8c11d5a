import type { LearnerName } from '../../learn/learners/index.js';
import { seededRandom } from '../../learn/learners/index.js';

/** Values of the settings of a learner, by name. */
export type Settings = Readonly<Record<string, number>>;

/** Where a setting is searched. */
interface Reach {
  readonly from: number;
  readonly to: number;
  /** Even in the logarithm: for what acts by its size. */
  readonly isLog?: boolean;
  readonly isInteger?: boolean;
}

/** What is searched, by learner; one without a row is refused. The number of members stays as it is: the committee is for selection, and each costs a fit. */
const SPACES: Readonly<Partial<Record<LearnerName, Readonly<Record<string, Reach>>>>> = {
  boosting: {
    rounds: { from: 40, to: 600, isLog: true, isInteger: true },
    learningRate: { from: 0.02, to: 0.3, isLog: true },
    leaves: { from: 4, to: 63, isLog: true, isInteger: true },
    l2: { from: 1, to: 200, isLog: true },
    minChildRows: { from: 2, to: 200, isLog: true, isInteger: true },
    columnFraction: { from: 0.3, to: 1 },
    rowFraction: { from: 0.4, to: 1 },
  },
  forest: {
    rowsPerTree: { from: 400, to: 2_400, isLog: true, isInteger: true },
    maxDepth: { from: 5, to: 20, isInteger: true },
    leafShrinkage: { from: 2, to: 200, isLog: true },
    columnFraction: { from: 0.3, to: 1 },
    minNodeRows: { from: 5, to: 100, isLog: true, isInteger: true },
  },
  head: {
    epochs: { from: 5, to: 60, isLog: true, isInteger: true },
    learningRate: { from: 5e-4, to: 5e-2, isLog: true },
    weightDecay: { from: 1e-4, to: 0.3, isLog: true },
  },
  linear: {
    penalty: { from: 1e-6, to: 0.1, isLog: true },
    l1Ratio: { from: 0, to: 1 },
  },
};

/** True where it is known which settings of a learner to try. */
export function isSearched(learner: LearnerName): boolean {
  return SPACES[learner] !== undefined;
}

/** Draws settings of a learner: the same ones for the same seed and number. Rounded, so that what is pasted is what was tried. */
export function drawSettings(learner: LearnerName, seed: number, number: number): Settings {
  const random = seededRandom(seed, number);
  return Object.fromEntries(
    Object.entries(SPACES[learner] ?? {}).map(([name, reach]) => [name, valueIn(reach, random())]),
  );
}

function valueIn({ from, to, isLog = false, isInteger = false }: Reach, u: number): number {
  const value = isLog ? from * (to / from) ** u : from + (to - from) * u;
  const rounded = isInteger ? Math.round(value) : Number(value.toPrecision(2));
  return Math.min(to, Math.max(from, rounded));
}

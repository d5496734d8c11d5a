import { seededRandom } from '../../learn/learners/random.js';
import type { ScorableBatch } from '../../pipeline/score/scorer.js';

/** What some committee says of some rows. */
export interface Committee {
  readonly memberCount: number;
  readonly rowCount: number;
  /** Probabilities, rowCount × memberCount, row-major. */
  readonly members: readonly number[];
  /** Two columns a row, NaN and infinite ones among them. */
  readonly values: readonly number[];
  readonly labels: readonly number[];
}

const COUNT = 200;
const ODD_PROBABILITIES = [0, 1, 2 ** -149, 1e-7, 0.5, 1 - 2 ** -24];
const ODD_VALUES = [NaN, Infinity, -Infinity, 0, -0, 3.4028234663852886e38, 2 ** -149];

/** Committees of all sizes, certain and unsure, on rows of all sorts; the same ones each time. */
export function someCommittees(): readonly Committee[] {
  const random = seededRandom(17, 4);
  const upTo = (most: number): number => Math.floor(random() * most);
  const drawn = (odd: readonly number[], usual: () => number): number =>
    random() < 0.2 ? odd[upTo(odd.length)]! : Math.fround(usual());
  return Array.from({ length: COUNT }, () => {
    const [memberCount, rowCount] = [1 + upTo(6), 1 + upTo(12)];
    const many = <T>(count: number, one: () => T): T[] => Array.from({ length: count }, one);
    return {
      memberCount,
      rowCount,
      members: many(memberCount * rowCount, () => drawn(ODD_PROBABILITIES, random)),
      values: many(2 * rowCount, () => drawn(ODD_VALUES, () => (random() - 0.5) * 10 ** upTo(6))),
      labels: many(rowCount, () => upTo(2)),
    };
  });
}

/** One row of a committee, alone. */
export function rowOf(committee: Committee, i: number): Committee {
  const { memberCount, members, values, labels } = committee;
  return {
    memberCount,
    rowCount: 1,
    members: members.slice(i * memberCount, (i + 1) * memberCount),
    values: values.slice(2 * i, 2 * i + 2),
    labels: [labels[i]!],
  };
}

/** Its first member alone. */
export function ofOne(committee: Committee): Committee {
  const members = committee.members.filter((_, i) => i % committee.memberCount === 0);
  return { ...committee, members, memberCount: 1 };
}

/** A committee as scorers see it. */
export function batchOf({ memberCount, rowCount, members, values, labels }: Committee): ScorableBatch {
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

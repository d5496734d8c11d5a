import { seededRandom } from '../../../../src/learn/learners/random.js';
import type { TreeEnsemble } from '../../../../src/ports/learner.js';

export interface TreeShape {
  readonly columnCount: number;
  readonly memberCount: number;
  readonly treeCount: number;
  /** Default: drawn, 1 to 16. */
  readonly leafCount?: number;
}

/** Trees of any shape: lone leaves, chains, equal thresholds, infinite ones, missing values to either side. */
export function randomTrees(seed: number, { columnCount, memberCount, treeCount, leafCount }: TreeShape): TreeEnsemble {
  const random = seededRandom(seed);
  const drawn = (count: number): number => Math.floor(random() * count);
  const roots: number[] = [];
  const [column, threshold, left, right, missingLeft, value]: number[][] = [[], [], [], [], [], []];
  const grow = (leaves: number): number => {
    const node = column!.length;
    const isLeaf = leaves === 1;
    column!.push(isLeaf ? -1 : drawn(columnCount));
    threshold!.push(isLeaf ? 0 : [-Infinity, Infinity, drawn(3), random() - 0.5][Math.min(3, drawn(12))]!);
    missingLeft!.push(isLeaf ? 0 : drawn(2));
    value!.push(isLeaf ? random() - 0.5 : 0);
    left!.push(-1);
    right!.push(-1);
    if (isLeaf) return node;
    const onLeft = 1 + drawn(leaves - 1);
    left![node] = grow(onLeft);
    right![node] = grow(leaves - onLeft);
    return node;
  };
  for (let tree = 0; tree < treeCount; tree++) roots.push(grow(leafCount ?? 1 + drawn(16)));
  return {
    kind: 'trees',
    columnCount,
    memberCount,
    roots: Int32Array.from(roots),
    memberOfTree: Int32Array.from(roots, (_, tree) => tree % memberCount),
    column: Int32Array.from(column!),
    threshold: Float32Array.from(threshold!),
    left: Int32Array.from(left!),
    right: Int32Array.from(right!),
    missingLeft: Uint8Array.from(missingLeft!),
    value: Float32Array.from(value!),
    base: Float32Array.from({ length: memberCount }, () => random()),
    link: 'logistic',
  };
}

/** Rows whose values are thresholds, their neighbours, missing and infinite. */
export function rowsAbout({ columnCount, threshold }: TreeEnsemble, rowCount: number, seed: number): Float32Array {
  const random = seededRandom(seed, 1);
  return Float32Array.from({ length: rowCount * columnCount }, () => {
    const near = threshold[Math.floor(random() * threshold.length)]!;
    return [NaN, Infinity, -Infinity, near, near + 1e-6, random() - 0.5][Math.floor(random() * 6)]!;
  });
}

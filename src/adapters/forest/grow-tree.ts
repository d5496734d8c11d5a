import { RandomForestRegression } from 'ml-random-forest';
import type { GrownNode, GrowRequest, GrowTree } from '../../ports/learner.js';

/** What ml-cart leaves at a node. A split that was refused is still written there. */
interface LibraryNode {
  readonly splitColumn?: number;
  readonly splitValue?: number;
  /** Squared error left after the split. */
  readonly gain?: number;
  readonly left?: LibraryNode;
  readonly right?: LibraryNode;
}

/**
 * Grows one tree with ml-random-forest: a forest of one regression tree on the rows as they are, over a random share of
 * the columns. Its own bagging, voting and importances are not used: training takes no weights, `maxSamples` takes the
 * first rows, `featureImportance` is NaN after load.
 *
 * The library refuses a split that leaves no error, for it reads 0 as "no gain"; such a perfect split is taken here. Rows
 * should come sorted by target: the library tries every place where neighbouring targets differ, ties included.
 */
export const growTree: GrowTree = (request) => {
  const forest = new RandomForestRegression({
    nEstimators: 1,
    seed: request.seed,
    // As a count, since the library reads the number 1 as "all columns".
    maxFeatures: columnShare(request),
    replacement: false,
    useSampleBagging: false,
    noOOB: true,
    treeOptions: { maxDepth: request.maxDepth, minNumSamples: request.minNodeRows },
  });
  forest.train(rowsOf(request), Array.from(request.targets));
  const tree = forest.estimators?.[0] as unknown as { readonly root: LibraryNode } | undefined;
  const columns = forest.indexes?.[0];
  return tree && columns ? grown(tree.root, columns, request.maxDepth) : null;
};

/** The share as a count of at least 2 columns, or 1 (= all) where there are fewer than 2. */
function columnShare({ columnCount, columnFraction }: GrowRequest): number {
  return columnCount < 2 ? 1 : Math.min(columnCount, Math.max(2, Math.ceil(columnCount * columnFraction)));
}

function rowsOf({ rows, rowCount, columnCount }: GrowRequest): number[][] {
  return Array.from({ length: rowCount }, (_, i) => Array.from(rows.subarray(i * columnCount, (i + 1) * columnCount)));
}

function grown(node: LibraryNode, columns: readonly number[], depthLeft: number): GrownNode {
  if (node.splitColumn === undefined || node.splitValue === undefined) return null;
  const column = columns[node.splitColumn]!;
  if (node.left && node.right)
    return {
      column,
      threshold: node.splitValue,
      left: grown(node.left, columns, depthLeft - 1),
      right: grown(node.right, columns, depthLeft - 1),
    };
  const isPerfect = node.gain === 0 && depthLeft > 0;
  return isPerfect ? { column, threshold: node.splitValue, left: null, right: null } : null;
}

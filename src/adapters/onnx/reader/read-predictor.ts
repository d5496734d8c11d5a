import type { LinearPredictor, Predictor, TreeEnsemble } from '../../../ports/learner.js';
import { readGraph, type ReadGraph, type ReadNode } from './read-graph.js';

/**
 * Reads the predictor back that `predictorGraph` wrote: trees or a linear predictor. undefined for a graph of another make, which a
 * model trained elsewhere may be.
 * @param columnCount of the feature set
 */
export function readPredictor(onnx: Uint8Array, columnCount: number, memberCount: number): Predictor | undefined {
  let graph: ReadGraph;
  try {
    graph = readGraph(onnx);
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
  const ensemble = graph.nodes.find(({ operator }) => operator === 'TreeEnsembleRegressor');
  if (ensemble) return readTrees(ensemble, graph, columnCount, memberCount);
  return readLinear(graph, columnCount, memberCount);
}

/** The nodes that a graph of trees may have besides the ensemble. */
const AROUND_TREES = new Set('TreeEnsembleRegressor Sigmoid ReduceMean Gather Add Mul Clip Sub Div Log'.split(' '));

function readTrees(
  { attributes }: ReadNode,
  graph: ReadGraph,
  columnCount: number,
  membersOut: number,
): TreeEnsemble | undefined {
  const integers = (name: string): readonly number[] => attributes.get(name)?.integers ?? [];
  const modes = attributes.get('nodes_modes')?.texts ?? [];
  const isOurs =
    modes.every((mode) => mode === 'LEAF' || mode === 'BRANCH_LT') &&
    graph.nodes.every(({ operator }) => AROUND_TREES.has(operator));
  const link = graph.nodes.some(({ operator }) => operator === 'Sigmoid') ? 'logistic' : 'identity';
  const { memberCount, firstHalf } = membersIn(graph, membersOut, link === 'identity');
  if (!isOurs || attributes.get('n_targets')?.integer !== memberCount) return undefined;
  const treeIds = integers('nodes_treeids');
  const roots = Int32Array.from(
    treeIds.flatMap((tree, node) => (node === 0 || treeIds[node - 1] !== tree ? [node] : [])),
  );
  const isLeaf = modes.map((mode) => mode === 'LEAF');
  const numbered = new Map(treeIds.map((tree, node) => [`${tree}/${integers('nodes_nodeids')[node]}`, node] as const));
  const child = (name: string): Int32Array => {
    const ids = integers(name);
    return Int32Array.from(treeIds, (tree, node) => (isLeaf[node] ? -1 : (numbered.get(`${tree}/${ids[node]}`) ?? -1)));
  };
  const value = new Float32Array(treeIds.length);
  const memberOfTree = new Int32Array(roots.length);
  const [targetTrees, targetNodes, targetIds] = ['target_treeids', 'target_nodeids', 'target_ids'].map(integers);
  const weights = attributes.get('target_weights')?.floats ?? new Float32Array(0);
  targetTrees!.forEach((tree, i) => {
    const node = numbered.get(`${tree}/${targetNodes![i]}`);
    if (node === undefined) return;
    value[node] = weights[i]!;
    memberOfTree[treeIds[node] ?? 0] = targetIds![i]!;
  });
  const base = attributes.get('base_values')?.floats;
  return {
    kind: 'trees',
    columnCount,
    memberCount,
    roots,
    memberOfTree,
    column: Int32Array.from(integers('nodes_featureids'), (column, node) => (isLeaf[node] ? -1 : column)),
    threshold: attributes.get('nodes_values')?.floats ?? new Float32Array(treeIds.length),
    left: child('nodes_truenodeids'),
    right: child('nodes_falsenodeids'),
    missingLeft: Uint8Array.from(integers('nodes_missing_value_tracks_true')),
    value,
    base: base && base.length === memberCount ? base : new Float32Array(memberCount),
    link,
    ...(firstHalf === undefined ? {} : { firstHalf }),
  };
}

/** Members that the graph adds up, and how many of them are of half a; as many are predicted where halves are averaged. */
function membersIn({ nodes }: ReadGraph, membersOut: number, isOfProbabilities: boolean) {
  if (!nodes.some(({ outputs }) => outputs.includes('logit_a'))) return { memberCount: membersOut };
  if (isOfProbabilities) return { memberCount: membersOut, firstHalf: Math.ceil(membersOut / 2) };
  return { memberCount: 2 * membersOut, firstHalf: membersOut };
}

function readLinear(graph: ReadGraph, columnCount: number, membersOut: number): LinearPredictor | undefined {
  const { constants } = graph;
  const { memberCount, firstHalf } = membersIn(graph, membersOut, false);
  const wanted = {
    centre: columnCount,
    inverse_scale: columnCount,
    weights: columnCount * memberCount,
    missing_weights: columnCount * memberCount,
    intercept: memberCount,
  };
  if (Object.entries(wanted).some(([name, length]) => constants.get(name)?.length !== length)) return undefined;
  return {
    kind: 'linear',
    columnCount,
    memberCount,
    centre: constants.get('centre')!,
    inverseScale: constants.get('inverse_scale')!,
    weights: constants.get('weights')!,
    missingWeights: constants.get('missing_weights')!,
    intercept: constants.get('intercept')!,
    ...(firstHalf === undefined ? {} : { firstHalf }),
  };
}

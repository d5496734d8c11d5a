import {
  isOfProbabilities,
  membersOut,
  type LinearPredictor,
  type Predictor,
  type TreeEnsemble,
} from '../../../ports/learner.js';
import type { OnnxConstant, OnnxGraph, OnnxNode } from './onnx-file.js';

const MAX_FLOAT32 = 3.4028234663852886e38;

/**
 * The graph of a predictor: input `features` [N, columns], outputs `members` [N, memberCount] and `probability` [N], all
 * float. The probability is the mean of the members. One in two halves also has `logit_a`, `logit_b` and `logit` [N]: the
 * mean log-odds of the members of each half (the log-odds of their mean, where members are probabilities), and their mean.
 */
export function predictorGraph(predictor: Predictor): OnnxGraph {
  const { nodes, constants } = predictor.kind === 'trees' ? treeParts(predictor) : linearParts(predictor);
  return {
    name: 'sluice-scorer',
    nodes: [
      ...nodes,
      {
        operator: 'ReduceMean',
        inputs: ['members'],
        outputs: ['probability'],
        attributes: { axes: { integers: [1] }, keepdims: { integer: 0 } },
      },
    ],
    constants: predictor.firstHalf === undefined ? constants : [...constants, ...halfConstants(predictor)],
    inputs: [{ name: 'features', dims: ['N', predictor.columnCount] }],
    outputs: [
      { name: 'probability', dims: ['N'] },
      { name: 'members', dims: ['N', membersOut(predictor)] },
      ...(predictor.firstHalf === undefined ? [] : HALVES.map((name) => ({ name, dims: ['N'] }))),
    ],
  };
}

/** Outputs of a predictor in two halves. */
export const HALVES = ['logit_a', 'logit_b', 'logit'] as const;

interface Parts {
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
}

function treeParts(trees: TreeEnsemble): Parts {
  const sums = trees.link === 'logistic' ? 'margins' : 'members';
  const ensemble: OnnxNode = {
    operator: 'TreeEnsembleRegressor',
    domain: 'ai.onnx.ml',
    inputs: ['features'],
    outputs: [sums],
    attributes: treeAttributes(trees),
  };
  return {
    nodes: [ensemble, ...(trees.link === 'logistic' ? memberNodes(trees) : probabilityHalves(trees))],
    constants: [],
  };
}

/** Nodes are numbered within their tree. A leaf is a node of mode LEAF and, at once, a target entry with its value. */
function treeAttributes(trees: TreeEnsemble): NonNullable<OnnxNode['attributes']> {
  const nodeCount = trees.column.length;
  const treeIds = new Int32Array(nodeCount);
  const nodeIds = new Int32Array(nodeCount);
  for (let t = 0; t < trees.roots.length; t++)
    for (let node = trees.roots[t]!; node < (trees.roots[t + 1] ?? nodeCount); node++) {
      treeIds[node] = t;
      nodeIds[node] = node - trees.roots[t]!;
    }
  const leaves = Array.from(trees.column.keys()).filter((node) => trees.column[node]! < 0);
  const ofChild = (children: Int32Array) => Int32Array.from(children, (child) => (child < 0 ? 0 : nodeIds[child]!));
  return {
    n_targets: { integer: trees.memberCount },
    nodes_treeids: { integers: treeIds },
    nodes_nodeids: { integers: nodeIds },
    nodes_featureids: { integers: trees.column.map((column) => Math.max(0, column)) },
    nodes_values: { floats: trees.threshold },
    nodes_modes: { strings: Array.from(trees.column, (column) => (column < 0 ? 'LEAF' : 'BRANCH_LT')) },
    nodes_truenodeids: { integers: ofChild(trees.left) },
    nodes_falsenodeids: { integers: ofChild(trees.right) },
    nodes_missing_value_tracks_true: { integers: trees.missingLeft },
    target_treeids: { integers: leaves.map((leaf) => treeIds[leaf]!) },
    target_nodeids: { integers: leaves.map((leaf) => nodeIds[leaf]!) },
    target_ids: { integers: leaves.map((leaf) => trees.memberOfTree[treeIds[leaf]!]!) },
    target_weights: { floats: leaves.map((leaf) => trees.value[leaf]!) },
    aggregate_function: { string: 'SUM' },
    post_transform: { string: 'NONE' },
    ...(trees.base.some((base) => base !== 0) ? { base_values: { floats: trees.base } } : {}),
  };
}

/** Squash, standardise, clip, fill: the formula stands at {@link LinearPredictor}. */
function linearParts(predictor: LinearPredictor): Parts {
  const { columnCount, memberCount, centre, inverseScale, weights, missingWeights, intercept } = predictor;
  return {
    nodes: [
      step('IsNaN', ['features'], 'is_missing'),
      // A missing value must not reach the arithmetic: NaN · 0 is NaN.
      step('Where', ['is_missing', 'zero', 'features'], 'present'),
      // An infinite value times the zero scale of a constant column would be NaN too.
      step('Clip', ['present', 'least_float', 'largest_float'], 'finite'),
      step('Abs', ['finite'], 'size'),
      step('Add', ['size', 'one'], 'size_plus_one'),
      step('Log', ['size_plus_one'], 'logarithm'),
      step('Sign', ['finite'], 'sign'),
      step('Mul', ['sign', 'logarithm'], 'squashed'),
      step('Sub', ['squashed', 'centre'], 'centred'),
      step('Mul', ['centred', 'inverse_scale'], 'scaled'),
      step('Clip', ['scaled', 'lowest', 'highest'], 'clipped'),
      step('Where', ['is_missing', 'zero', 'clipped'], 'standardised'),
      step('Where', ['is_missing', 'one', 'zero'], 'missing'),
      step('MatMul', ['standardised', 'weights'], 'from_values'),
      step('MatMul', ['missing', 'missing_weights'], 'from_missing'),
      step('Add', ['from_values', 'from_missing'], 'sum'),
      step('Add', ['sum', 'intercept'], 'margins'),
      ...memberNodes(predictor),
    ],
    constants: [
      { name: 'zero', dims: [], values: [0] },
      { name: 'one', dims: [], values: [1] },
      { name: 'least_float', dims: [], values: [-MAX_FLOAT32] },
      { name: 'largest_float', dims: [], values: [MAX_FLOAT32] },
      { name: 'lowest', dims: [], values: [-8] },
      { name: 'highest', dims: [], values: [8] },
      { name: 'centre', dims: [columnCount], values: centre },
      { name: 'inverse_scale', dims: [columnCount], values: inverseScale },
      { name: 'weights', dims: [columnCount, memberCount], values: weights },
      { name: 'missing_weights', dims: [columnCount, memberCount], values: missingWeights },
      { name: 'intercept', dims: [memberCount], values: intercept },
    ],
  };
}

function step(
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes?: OnnxNode['attributes'],
): OnnxNode {
  return { operator, inputs, outputs: [output], ...(attributes ? { attributes } : {}) };
}

const OF_COLUMNS = { axis: { integer: 1 } } as const;
const OVER_COLUMNS = { axes: { integers: [1] }, keepdims: { integer: 0 } } as const;

/** From `margins`, the log-odds of all members, to `members`. */
function memberNodes({ firstHalf }: Predictor): readonly OnnxNode[] {
  if (firstHalf === undefined) return [step('Sigmoid', ['margins'], 'members')];
  return [
    step('Gather', ['margins', 'members_a'], 'margins_a', OF_COLUMNS),
    step('Gather', ['margins', 'members_b'], 'margins_b', OF_COLUMNS),
    step('Add', ['margins_a', 'margins_b'], 'margin_sums'),
    step('Mul', ['margin_sums', 'a_half'], 'mean_margins'),
    step('Sigmoid', ['mean_margins'], 'members'),
    step('ReduceMean', ['margins_a'], 'logit_a', OVER_COLUMNS),
    step('ReduceMean', ['margins_b'], 'logit_b', OVER_COLUMNS),
    step('ReduceMean', ['mean_margins'], 'logit', OVER_COLUMNS),
  ];
}

/** The halves' log-odds from `members`, the probabilities of all. */
function probabilityHalves({ firstHalf }: Predictor): readonly OnnxNode[] {
  if (firstHalf === undefined) return [];
  const ofHalf = (half: 'a' | 'b'): OnnxNode[] => [
    step('Gather', ['members', `members_${half}`], `half_${half}`, OF_COLUMNS),
    step('ReduceMean', [`half_${half}`], `mean_${half}`, OVER_COLUMNS),
    step('Clip', [`mean_${half}`, 'least_probability', 'largest_probability'], `clipped_${half}`),
    step('Sub', ['certainty', `clipped_${half}`], `other_${half}`),
    step('Div', [`clipped_${half}`, `other_${half}`], `odds_${half}`),
    step('Log', [`odds_${half}`], `logit_${half}`),
  ];
  return [
    ...ofHalf('a'),
    ...ofHalf('b'),
    step('Add', ['logit_a', 'logit_b'], 'logit_sum'),
    step('Mul', ['logit_sum', 'a_half'], 'logit'),
  ];
}

/** Probabilities are held this far from 0 and 1 before their log-odds are taken; float32 has no more near 1. */
const PROBABILITY_FLOOR = 1e-6;

function halfConstants(predictor: Predictor): readonly OnnxConstant[] {
  const { memberCount, firstHalf = 0 } = predictor;
  const members = Array.from({ length: memberCount }, (_, member) => member);
  const [a, b] = [members.slice(0, firstHalf), members.slice(firstHalf)];
  return [
    { name: 'members_a', type: 'int64', dims: [a.length], values: a },
    { name: 'members_b', type: 'int64', dims: [b.length], values: b },
    { name: 'a_half', dims: [], values: [0.5] },
    ...(isOfProbabilities(predictor)
      ? [
          { name: 'certainty', dims: [], values: [1] },
          { name: 'least_probability', dims: [], values: [PROBABILITY_FLOOR] },
          { name: 'largest_probability', dims: [], values: [1 - PROBABILITY_FLOOR] },
        ]
      : []),
  ];
}

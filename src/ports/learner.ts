/**
 * Binary trees over float32 columns. A row goes left at a node when its value is below the threshold, and where it is
 * missing (NaN) when `missingLeft` is 1. Each tree adds its leaf to one member: forests have a tree a member, boosting
 * has a run of trees a member.
 */
export interface TreeEnsemble {
  readonly kind: 'trees';
  readonly columnCount: number;
  readonly memberCount: number;
  /** First node of each tree; the nodes of a tree follow one another, parents before children. */
  readonly roots: Int32Array;
  /** The member that each tree adds to. */
  readonly memberOfTree: Int32Array;
  /** Column a node looks at, −1 for a leaf. All node arrays have one entry a node. */
  readonly column: Int32Array;
  readonly threshold: Float32Array;
  /** Child nodes, counted over the whole ensemble; −1 for a leaf. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly missingLeft: Uint8Array;
  /** Leaf value; 0 at inner nodes. */
  readonly value: Float32Array;
  /** Added to the sum of each member's leaves (memberCount entries). */
  readonly base: Float32Array;
  /** `identity`: a member's sum is its probability; `logistic`: it is its log-odds. */
  readonly link: 'identity' | 'logistic';
  readonly firstHalf?: number | undefined;
}

/**
 * Logistic predictors over squashed, standardised columns:
 * z = clip( (sign(x)·ln(1 + min(|x|, largest float32)) − centre) · inverseScale, ±8 ), 0 where x is missing;
 * log-odds of member k = intercept_k + Σ_c z_c·weights[c,k] + Σ_(c missing) missingWeights[c,k].
 */
export interface LinearPredictor {
  readonly kind: 'linear';
  readonly columnCount: number;
  readonly memberCount: number;
  readonly centre: Float32Array;
  readonly inverseScale: Float32Array;
  /** columns × members, row-major. */
  readonly weights: Float32Array;
  /** columns × members, row-major. */
  readonly missingWeights: Float32Array;
  readonly intercept: Float32Array;
  readonly firstHalf?: number | undefined;
}

/**
 * What a learner leaves before it is written as ONNX. The probability is the mean of the members' probabilities.
 *
 * With `firstHalf` it is two predictors, each fitted on the rows of one half of the sessions: the first `firstHalf` members
 * are those of half a, the others those of half b. Where members are log-odds, there are as many of each, and member k of
 * what is predicted is the mean, in log-odds, of the two members k; where they are probabilities, all of them are members.
 */
export type Predictor = TreeEnsemble | LinearPredictor;

/** Members of what a predictor predicts. */
export function membersOut(predictor: Predictor): number {
  const { memberCount, firstHalf } = predictor;
  return firstHalf === undefined || isOfProbabilities(predictor) ? memberCount : firstHalf;
}

/** True when a member's sum is a probability, not log-odds. */
export function isOfProbabilities(predictor: Predictor): boolean {
  return predictor.kind === 'trees' && predictor.link === 'identity';
}

/** A predictor and what its columns were worth. */
export interface Fitted {
  readonly predictor: Predictor;
  /** Gain a column, in column order, summing to 1 (zeros when nothing was learned). */
  readonly gain: Float64Array;
}

/** What a fit is asked with. */
export interface FitContext {
  readonly seed: number;
  /** Half of each row; given: two halves are fitted, where both have rows enough. */
  readonly folds?: Uint8Array | undefined;
  readonly settings: Readonly<Record<string, number | boolean | string>>;
}

/** Rows for one tree: `rowCount` × `columnCount`, row-major, no NaN; targets of 0 and 1. */
export interface GrowRequest {
  readonly rows: Float64Array;
  readonly rowCount: number;
  readonly columnCount: number;
  readonly targets: Uint8Array;
  /** Columns the tree may use, a random share in (0,1] of all. */
  readonly columnFraction: number;
  readonly maxDepth: number;
  /** A node of this many rows or fewer is a leaf. */
  readonly minNodeRows: number;
  readonly seed: number;
}

/** A grown tree: a node either splits (`value < threshold` goes left) or is a leaf. */
export type GrownNode = {
  readonly column: number;
  readonly threshold: number;
  readonly left: GrownNode;
  readonly right: GrownNode;
} | null;

/** Grows one regression tree on 0/1 targets. */
export type GrowTree = (request: GrowRequest) => GrownNode;

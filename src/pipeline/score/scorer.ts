import type { Prediction } from '../../ports/model.js';

/** A scored batch as scorers see it. Rows are in the order in which their windows closed. */
export interface ScorableBatch {
  readonly prediction: Prediction;
  readonly rowCount: number;
  /** Members of the champion's committee. */
  readonly memberCount: number;
  readonly snapshotVersion: string;
  /** rowCount × columnCount, row-major; NaN = missing. */
  readonly rows: Float32Array;
  readonly columnCount: number;
  /** 0 or 1. A scorer may learn from a row's label only after that row's importances are written. */
  readonly labels: Uint8Array;
}

/**
 * Turns a champion's prediction into importance: how much a sample would teach the model, non-negative and unitless. Both
 * labels' importances come in one pass, because the log-odds offset needs what the inclusion probability would have been
 * had the label been the other one.
 */
export interface Scorer {
  /**
   * Costs O(members) a row, O(columns) where the formula needs the row, and allocates nothing a row.
   * @param ifNegative receives rowCount importances for label 0
   * @param ifPositive receives rowCount importances for label 1
   */
  score(batch: ScorableBatch, ifNegative: Float64Array, ifPositive: Float64Array): void;
  /** What a scorer that learns has learned, for the progress record; absent on one that does not. */
  readonly memory?: () => CommitteeMemory | null;
  /** Takes over what {@link memory} gave at the last commit. */
  readonly remember?: (memory: CommitteeMemory) => void;
}

/** What a scorer may ask of the config's section `selection`. */
export interface ScorerSettings {
  readonly committeeLoss: 'brier' | 'log';
  readonly committeeShares: readonly number[];
  readonly learnCommitteeShares: boolean;
  readonly committeeShareFloor: number;
}

/** A scorer as `selection.scorer` offers it: declared in its own file, listed once in `scorers.ts`. */
export interface ScorerDeclaration {
  /** Says in one sentence what a sample counts for; stands in the configuration page. */
  readonly summary: string;
  /**
   * How samples are kept by it: `coin` with a chance that grows with the importance, `cut` where the importance is at or
   * above a running quantile, `budget` with the same chance for all, so that nothing needs to be scored.
   */
  readonly keepsBy: 'coin' | 'cut' | 'budget';
  /** Name of the scorer that it equals when the champion is a committee of one; absent, or null, where it stays itself. */
  readonly ofOne?: (settings: ScorerSettings) => string | null;
  /** Scores by the prior before the first snapshot; absent where samples wait for the champion and the coin alone decides. */
  readonly early?: Scorer;
  /** Builds one for a partition: a scorer that learns has state. */
  readonly make: (settings: ScorerSettings) => Scorer;
}

/** How a champion's members have done so far. */
export interface CommitteeMemory {
  readonly snapshotVersion: string;
  /** Samples judged. */
  readonly sampleCount: number;
  /** Σ Brier loss of each member over them. */
  readonly losses: readonly number[];
}

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
  /** Config key, metric label and the `scorer` field of a sample. */
  readonly name: string;
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

/** How a champion's members have done so far. */
export interface CommitteeMemory {
  readonly snapshotVersion: string;
  /** Samples judged. */
  readonly sampleCount: number;
  /** Σ Brier loss of each member over them. */
  readonly losses: readonly number[];
}

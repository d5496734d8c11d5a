import type { Prediction } from '../../ports/model.js';

/**
 * Turns a champion's prediction into importance: how much a sample would teach the model, non-negative and unitless. Both
 * labels' importances come in one pass, because the log-odds offset needs what the inclusion probability would have been
 * had the label been the other one.
 */
export interface Scorer {
  /** Config key, metric label and the `scorer` field of a sample. */
  readonly name: string;
  /**
   * @param rowCount rows of `prediction`
   * @param ifNegative receives rowCount importances for label 0
   * @param ifPositive receives rowCount importances for label 1
   */
  score(prediction: Prediction, rowCount: number, memberCount: number, ifNegative: Float64Array, ifPositive: Float64Array): void;
}

/** Importances of a scored batch for both labels, one entry a sample. */
export interface Importances {
  readonly ifNegative: Float64Array;
  readonly ifPositive: Float64Array;
  /** True when no champion gave them: their scale is another one, and so is the controller they answer to. */
  readonly isPrior?: boolean;
}

/** Importances of a scored batch for both labels, one entry a sample. */
export interface Importances {
  readonly ifNegative: Float64Array;
  readonly ifPositive: Float64Array;
}

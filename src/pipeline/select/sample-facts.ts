/** What selection may look at besides importance and label, one entry a sample. */
export interface SampleFacts {
  /** Index into SURFACES. */
  readonly surfaces: Uint8Array;
  readonly categories: readonly (string | null)[];
  /** Rank of the outcome (`strength`), −1 for none. */
  readonly ranks: Int8Array;
  /** Event time of the impression, ms; never going back. */
  readonly timesMs: Float64Array;
  /** Flag bits (`FLAG_BITS`); absent: none. */
  readonly flags?: Uint8Array;
}

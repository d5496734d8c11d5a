export type SampleFormat = 'ndjson' | 'csv' | 'parquet';

/** What `sluice describe features --format json` prints. */
export interface DescribedFeatures {
  readonly featureSetId: string;
  readonly columns: readonly { readonly name: string }[];
}

export interface ReadOptions {
  /** Default: by the suffix of the file; `.gz` may follow it for lines. */
  readonly format?: SampleFormat;
  /** Names of the features, which NDJSON lacks; without them they are numbered. Rows of another feature set are refused. */
  readonly features?: DescribedFeatures;
  /** Takes the rows of this feature set alone. */
  readonly featureSet?: string;
}

/** Rows of one feature set, column by column. */
export interface Samples {
  readonly rowCount: number;
  /** `rowCount` × `featureNames.length`, row-major; NaN is missing. */
  readonly features: Float32Array;
  readonly featureNames: readonly string[];
  /** null where there is no row. */
  readonly featureSetId: string | null;
  /** 1 where the outcome reached the goal, else 0. */
  readonly label: Int32Array;
  /** `logOddsOffset`: add it to the logit while training, and leave it out when serving. */
  readonly offset: Float64Array;
  /** `importanceWeight`, 1/π: for learners that take no offset. Never both. */
  readonly weight: Float64Array;
  /** `inclusionProbability` π, in (0,1]. */
  readonly probability: Float64Array;
  /** `fold` of each row; null where the rows have none. */
  readonly fold: readonly unknown[] | null;
  /** Every other column by its name in a Parquet dump (`itemId`, `carried.items.price`), null where a row lacks it. */
  readonly columns: ReadonlyMap<string, readonly unknown[]>;
}

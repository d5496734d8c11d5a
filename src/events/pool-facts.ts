/** Bytes of a partition of the pool's topic that are kept, at most about that: what is beyond is the oldest. */
export const POOL_BYTES = 268_435_456;

/** What a record of the pool's topic says of its rows. */
export interface PoolFacts {
  /** Several applications may share a topic; each learns from its own rows. */
  readonly application: string;
  readonly featureSetId: string;
  readonly partition: number;
  readonly partitionCount: number;
  /** Rows of the partition before these. */
  readonly ordinal: number;
}

/** A mean and its two-sided 95 % interval. */
export interface Interval {
  readonly mean: number;
  readonly lower: number;
  readonly upper: number;
}

/** One metric of the same learner trained on either kind of rows, and of the champion. */
export interface Comparison {
  /** Trained on kept rows, with the correction for how they were selected. */
  readonly curated: number;
  /** Trained on as many rows drawn uniformly. */
  readonly uniform: number;
  /** The snapshot that scores now, trained on all kept rows: what curation really yields. null without one. */
  readonly champion: number | null;
  /** Curated − uniform. */
  readonly difference: Interval;
}

/** What the intervals say of curated rows, at 95 %; `worse` when either metric is, whatever the other says. */
export type ProofVerdict = 'better' | 'worse' | 'no-difference';

/** Curated and uniform rows compared. */
export interface Proved {
  readonly status: 'proved';
  readonly verdict: ProofVerdict;
  /** Mean of the rows that one model was trained on, the same for both kinds. */
  readonly rows: number;
  /** Pairs of models compared. */
  readonly pairs: number;
  /** Audit samples judged on, and the positive ones among them. */
  readonly auditRows: number;
  readonly positives: number;
  readonly auc: Comparison;
  readonly normalisedEntropy: Comparison;
}

/** Too little is on the audit slice to say anything. */
export interface NotProved {
  readonly status: 'not-enough-data';
  readonly auditRows: number;
  readonly positives: number;
  /** `retrain.proof.minPositives`. */
  readonly minPositives: number;
}

/** What the live proof says: is training on what was kept worth as much as its size promises? */
export type CurationProof = Proved | NotProved;

/** A proof, and when it was made, epoch milliseconds. */
export interface DatedProof {
  readonly atMs: number;
  readonly proof: CurationProof;
}

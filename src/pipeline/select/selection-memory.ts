/**
 * What selection carries from unit to unit beside the ln μ that all samples share; each part is there only where the config
 * asks for it, so most progress records have none of it.
 */
export interface SelectionMemory {
  /** ln μ of the controllers of single surfaces, in the order of SURFACES; null where there is none yet. */
  readonly surfaces?: readonly (number | null)[];
  /** ln μ of the controllers of samples that no champion scored: the shared one, then one a surface. */
  readonly unscored?: readonly (number | null)[];
  /** Samples that the scored and then the unscored controllers have learned from while they are young; null: not young. */
  readonly ages?: readonly (number | null)[];
  /** State of the arrival rate: decayed count, decayed seconds, last event time in ms. */
  readonly arrivals?: readonly [number, number, number];
  /** What fills the learner's pool; absent where the learner gets the kept samples alone. */
  readonly pool?: PoolMemory;
  /** Samples so far by outcome, NONE first, then in the order of INTERACTION_TYPES. */
  readonly outcomes?: readonly number[];
}

/** State of the controllers that hold the budget of the learner's pool. */
export interface PoolMemory {
  /** Samples that could have been taken so far. */
  readonly seen: number;
  /** ln μ for samples that a champion scored and for those that none did; null before the first below a budget of 1. */
  readonly lnMus: readonly [number | null, number | null];
  /** Samples that they have learned from while young; null: not young. */
  readonly ages: readonly [number | null, number | null];
}

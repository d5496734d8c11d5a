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
  /** Samples so far by outcome, NONE first, then in the order of INTERACTION_TYPES. */
  readonly outcomes?: readonly number[];
}

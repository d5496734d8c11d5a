import { INTERACTION_TYPES, type InteractionType, type Outcome } from './words.js';

const STRENGTH = new Map<Outcome, number>([
  ['NONE', -1],
  ...INTERACTION_TYPES.map((type, rank) => [type, rank] as [Outcome, number]),
]);

/** Rank of an outcome: NONE −1, DISMISS 0, VIEW 1, CLICK 2, ADD_TO_CART 3, PURCHASE 4. The stronger one wins. */
export function strength(outcome: Outcome): number {
  return STRENGTH.get(outcome) ?? -1;
}

/** The outcome of a rank, the inverse of {@link strength}. */
export function outcomeOfRank(rank: number): Outcome {
  return rank < 0 ? 'NONE' : (INTERACTION_TYPES[rank] ?? 'NONE');
}

/** Label of an outcome for a goal: 1 when it is at least as strong as the goal, else 0. */
export function labelOf(outcome: Outcome, goal: InteractionType): 0 | 1 {
  return strength(outcome) >= strength(goal) ? 1 : 0;
}

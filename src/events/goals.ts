import { strength } from './strength.js';
import { SURFACES, type InteractionType, type Surface } from './words.js';

/** The weakest outcome that makes a label 1: one for all surfaces, but for those that have their own. */
export interface Goals {
  readonly goal: InteractionType;
  readonly surfaceGoals?: Readonly<Partial<Record<Surface, InteractionType>>>;
}

/** The goal of a surface. */
export function goalOn({ goal, surfaceGoals }: Goals, surface: Surface): InteractionType {
  return surfaceGoals?.[surface] ?? goal;
}

/** Rank of the goal of each surface, in the order of SURFACES. */
export function goalRanks(goals: Goals): readonly number[] {
  return SURFACES.map((surface) => strength(goalOn(goals, surface)));
}

/** The surfaces whose goal is another one than that of all. */
function ownGoals(goals: Goals): readonly (readonly [Surface, InteractionType])[] {
  return SURFACES.map((surface) => [surface, goalOn(goals, surface)] as const).filter(
    ([, goal]) => goal !== goals.goal,
  );
}

/** Goals as text, the same for goals that label alike: `CLICK`, `CLICK, AD PURCHASE`. */
export function goalsText(goals: Goals): string {
  return [goals.goal, ...ownGoals(goals).map((own) => own.join(' '))].join(', ');
}

/** The least that says the same goals: ids made of settings stay as they are where no surface has its own. */
export function leastGoals(goals: Goals): Goals {
  const own = ownGoals(goals);
  return own.length === 0 ? { goal: goals.goal } : { goal: goals.goal, surfaceGoals: Object.fromEntries(own) };
}

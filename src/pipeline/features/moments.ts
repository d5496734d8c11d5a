import { INTERACTION_TYPES } from '../../events/index.js';

/**
 * What may be counted: a list shown, an impression shown, an interaction, one that reached the goal, and the first of an
 * impression that did; and an interaction by its type.
 */
export const MOMENTS = ['listed', 'shown', 'acted', 'reached', 'clicked', ...INTERACTION_TYPES] as const;
export type Moment = (typeof MOMENTS)[number];

/**
 * What may be counted: a list shown, an impression shown, an interaction, one that reached the goal, and the first of an
 * impression that did.
 */
export const MOMENTS = ['listed', 'shown', 'acted', 'reached', 'clicked'] as const;
export type Moment = (typeof MOMENTS)[number];

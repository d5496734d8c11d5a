import type { Examination } from '../../events/examination.js';
import type { Goals } from '../../events/goals.js';
import type { Windows } from '../../events/windows.js';
import type { CleanInteraction } from '../admitted.js';
import type { Key } from '../state/keys.js';
import type { OpenImpressions, OpenList } from './open-impressions.js';

/** What joining depends on beside the events. */
export interface JoinSettings extends Windows {
  readonly allowedLatenessMs: number;
  readonly lateRetentionMs: number;
  readonly maxOpenImpressions: number;
  readonly overflow: 'close-oldest' | 'stop';
  readonly goals: Goals;
  /** Absent: all that is shown counts as seen. */
  readonly examination?: Examination;
}

/** An impression found for an interaction. */
export interface Match {
  readonly sequence: number;
  readonly list: OpenList;
  readonly index: number;
}

/** What an interaction did to the impression it belongs to. */
export interface Attachment {
  readonly match: Match;
  /** True when the outcome was final already: the interaction is late and changed nothing. */
  readonly late: boolean;
  /** True when it is the first of this impression to reach the goal. */
  readonly firstAtGoal: boolean;
}

/** Why an interaction cannot be of the impression that it names. */
export type Impossible = 'OtherSession' | 'OtherItem' | 'BeforeShown';

/** What the clocks of two producers differ by at the most: an interaction may seem so much older than what it is of. */
export const CLOCK_SKEW_MS = 5_000;

/**
 * Why an interaction cannot be of an impression: somebody else's (another session, and not the same user), of another
 * item, or done before it was shown. undefined when it can.
 */
export function impossibleBy(interaction: CleanInteraction, { list: { shown }, index }: Match): Impossible | undefined {
  const isTheirs = shown.session === interaction.session || (shown.user !== null && shown.user === interaction.user);
  const isComparable = !shown.isOfAnotherKey && !interaction.isOfAnotherKey;
  if (!isTheirs && isComparable) return 'OtherSession';
  if (shown.items[index]!.itemId !== interaction.itemId) return 'OtherItem';
  return interaction.eventTimeMs < shown.eventTimeMs - CLOCK_SKEW_MS ? 'BeforeShown' : undefined;
}

/** Where in a list an item was shown; the first place of an item shown twice. */
export function itemIn(open: OpenImpressions, list: OpenList, itemKey: Key): Match | undefined {
  for (let index = 0; index < list.shown.items.length; index++) {
    const sequence = list.firstImpression + index;
    if (open.columns.itemKeys[open.slot(sequence)] === itemKey) return { sequence, list, index };
  }
  return undefined;
}

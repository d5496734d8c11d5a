import type { InteractionType } from '../../events/words.js';
import type { OpenList } from './open-impressions.js';

/** What joining depends on beside the events. */
export interface JoinSettings {
  readonly attributionWindowMs: number;
  readonly allowedLatenessMs: number;
  readonly lateRetentionMs: number;
  readonly maxOpenImpressions: number;
  readonly overflow: 'close-oldest' | 'stop';
  readonly goal: InteractionType;
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

import type { Config } from '../config/schema.js';
import { longestWindowMs } from '../events/windows.js';
import { Features } from './features/features.js';
import { Join } from './join/join.js';
import { Pending } from './join/pending.js';
import { Conduct } from './quality/conduct.js';
import type { KeyOf } from './state/keys.js';
import { RecentKeys } from './state/recent-keys.js';

/** The state of one partition that events change at their turn. */
export interface StreamState {
  readonly features: Features;
  readonly conduct: Conduct;
  readonly join: Join;
  readonly pending: Pending;
  readonly seenImpressions: RecentKeys;
  readonly seenInteractions: RecentKeys;
}

/** Lets a state go on under other settings: what is open is held to them from its next event on. */
export function goOnUnder({ join, label }: Config, state: StreamState): void {
  state.join.settings = { ...join, goals: label, examination: label };
  state.pending.bound(join.maxPendingInteractions);
  state.seenImpressions.bound(join.deduplicationWindowMs, join.maxDeduplicationEntries);
  state.seenInteractions.bound(join.deduplicationWindowMs, join.maxDeduplicationEntries);
  state.conduct.forgetAfter(longestWindowMs(join));
}

/**
 * Tells what was shown and what waits from before that its people have pseudonyms of another key: they cannot be compared
 * with anybody, so what names them by id is theirs. What sessions and users were known by is never met again.
 */
export function underAnotherKey({ join, pending }: StreamState): void {
  const captured = join.capture();
  const lists = captured.lists.map((list) => ({ ...list, shown: { ...list.shown, isOfAnotherKey: true as const } }));
  join.restore({ ...captured, lists });
  const waiting = pending.capture().map(({ interaction, ...entry }) => ({
    ...entry,
    interaction: { ...interaction, isOfAnotherKey: true as const },
  }));
  pending.restore(waiting);
}

/** The empty state of a partition. */
export function emptyStreamState(config: Config, keyOf: KeyOf): StreamState {
  const { join, features, label, quality } = config;
  const conduct = new Conduct(quality.rules, longestWindowMs(join), features.maxSessions);
  const columns = new Features(config, keyOf);
  return {
    features: columns,
    conduct,
    join: new Join({ ...join, goals: label, examination: label }, columns.width, keyOf, (session) =>
      conduct.flagsOf(session),
    ),
    pending: new Pending(keyOf, join.maxPendingInteractions),
    seenImpressions: new RecentKeys(join.deduplicationWindowMs, join.maxDeduplicationEntries),
    seenInteractions: new RecentKeys(join.deduplicationWindowMs, join.maxDeduplicationEntries),
  };
}

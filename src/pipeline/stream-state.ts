import type { Config } from '../config/schema.js';
import type { StreamState } from './follow.js';
import { FeatureState } from './features/feature-state.js';
import { keptColumns } from './features/kept-columns.js';
import { Join } from './join/join.js';
import { Pending } from './join/pending.js';
import { Conduct } from './quality/conduct.js';
import type { KeyOf } from './state/keys.js';
import { RecentKeys } from './state/recent-keys.js';

/** The empty state of a partition. */
export function emptyStreamState(config: Config, keyOf: KeyOf): StreamState {
  const { join, features, label, quality } = config;
  const conduct = new Conduct(quality.rules, join.attributionWindowMs, features.maxSessions);
  return {
    features: new FeatureState(features, keyOf),
    conduct,
    join: new Join({ ...join, goal: label.goal }, keptColumns(features.omit).indexes.length, keyOf, (session) =>
      conduct.flagsOf(session),
    ),
    pending: new Pending(keyOf, join.maxPendingInteractions),
    seenImpressions: new RecentKeys(join.deduplicationWindowMs, join.maxDeduplicationEntries),
    seenInteractions: new RecentKeys(join.deduplicationWindowMs, join.maxDeduplicationEntries),
  };
}

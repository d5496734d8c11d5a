import { allocate, type Bundle } from '../../bundle/bundle.js';
import { CLOSED, OPEN_TO_CLOSED, type ClosedLayout } from '../../bundle/sample.js';
import { goalOn, type Goals } from '../../events/goals.js';
import { labelOf, outcomeOfRank } from '../../events/strength.js';
import { SURFACES } from '../../events/words.js';
import type { ShownList } from '../shown.js';
import type { Join } from '../join/join.js';
import type { ListExtras } from '../join/list-extras.js';
import { RULE_BITS } from '../quality/rules.js';
import type { Key } from '../state/keys.js';

/** The list that an impression was shown in. */
export interface ClosedList {
  readonly shown: ShownList;
  readonly sessionKey: Key;
  /** What its samples carry beside facts; undefined: nothing. */
  readonly extras: ListExtras | undefined;
}

/**
 * Impressions whose outcome is final, whole, in the order they were shown; one entry each in every array. Lists are shared:
 * the impressions of one follow one another and refer to the same object.
 */
export type ClosedBatch = Bundle<ClosedLayout> & { readonly lists: readonly ClosedList[] };

/** Takes up to `most` closed impressions that have not been taken yet. Their rows are copied and given back. */
export function takeClosed(join: Join, goals: Goals, most: number): ClosedBatch {
  const { open } = join;
  const first = join.emittedBefore;
  const count = Math.max(0, Math.min(most, open.openFrom - first));
  const closed = allocate(CLOSED, count, open.columnCount);
  open.copyOut(OPEN_TO_CLOSED, first, count, closed);
  open.rows.gather(first, count, closed.rows);
  const { labels, ranks, flags, surfaces, places, categories, ratesIfNegative, ratesIfPositive } = closed;
  const lists = new Array<ClosedList>(count);
  for (let i = 0; i < count;) {
    const { shown, sessionKey, firstImpression, sequence } = join.listOf(first + i);
    const list = { shown, sessionKey, extras: join.extrasOf(sequence) };
    const surface = SURFACES.indexOf(shown.surface);
    const goal = goalOn(goals, shown.surface);
    const end = Math.min(count, firstImpression + shown.items.length - first);
    for (; i < end; i++) {
      const place = first + i - firstImpression;
      labels[i] = labelOf(outcomeOfRank(ranks[i]!), goal);
      flags[i]! &= RULE_BITS;
      surfaces[i] = surface;
      places[i] = place;
      const { category, samplingRates } = shown.items[place]!;
      categories[i] = category;
      ratesIfNegative[i] = samplingRates?.[0] ?? 1;
      ratesIfPositive[i] = samplingRates?.[1] ?? 1;
      lists[i] = list;
    }
  }
  join.emittedBefore = first + count;
  open.rows.releaseBefore(join.emittedBefore);
  return { ...closed, lists };
}

/** Passes over closed impressions before a sequence number: they were emitted in an earlier life. */
export function passOver(join: Join, before: number): void {
  join.emittedBefore = Math.max(join.emittedBefore, Math.min(before, join.open.openFrom));
  join.open.rows.releaseBefore(join.emittedBefore);
}

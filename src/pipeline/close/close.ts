import { allocate, rowsBetween, type Bundle } from '../../bundle/bundle.js';
import { CLOSED, OPEN_TO_CLOSED, type ClosedLayout } from '../../bundle/sample.js';
import { goalOn, type Goals } from '../../events/goals.js';
import { labelOf, outcomeOfRank } from '../../events/strength.js';
import { SURFACES } from '../../events/words.js';
import type { ShownList } from '../shown.js';
import type { Join } from '../join/join.js';
import type { Lane } from '../join/lane.js';
import type { ListExtras } from '../join/list-extras.js';
import { RULE_BITS } from '../quality/rules.js';
import type { Key } from '../state/keys.js';

/** The list that an impression was shown in. */
export interface ClosedList {
  readonly shown: ShownList;
  readonly sessionKey: Key;
  /** Length of its attribution window. */
  readonly windowMs: number;
  /** What its samples carry beside facts; undefined: nothing. */
  readonly extras: ListExtras | undefined;
}

/**
 * Impressions whose outcome is final, whole, in the order in which they closed; one entry each in every array. Lists are shared:
 * the impressions of one follow one another and refer to the same object.
 */
export type ClosedBatch = Bundle<ClosedLayout> & {
  readonly lists: readonly ClosedList[];
  /** Impressions taken out with them that are none of them, because nobody is held to have seen them. */
  readonly unexaminedCount: number;
};

/**
 * Takes up to `most` closed impressions that have not been taken yet, in the order in which they closed; those that count as
 * unexamined are left out. Rows are copied and given back.
 */
export function takeClosed(join: Join, goals: Goals, most: number): ClosedBatch {
  const { columnCount } = join.open;
  const count = Math.max(0, Math.min(most, join.closedCount));
  const closed = allocate(CLOSED, count, columnCount);
  const { labels, ranks, flags, surfaces, places, categories, ratesIfNegative, ratesIfPositive } = closed;
  const lists: ClosedList[] = [];
  let done = 0;
  const take = (lane: Lane, from: number, to: number): void => {
    lane.copyOut(OPEN_TO_CLOSED, from, to - from, closed, done);
    lane.rows.gather(from, to - from, closed.rows.subarray(done * columnCount));
    const windowMs = join.windowMs(from);
    for (let sequence = from; sequence < to;) {
      const { shown, sessionKey, firstImpression, sequence: ofList } = join.listOf(sequence);
      const list = { shown, sessionKey, windowMs, extras: join.extrasOf(ofList) };
      const surface = SURFACES.indexOf(shown.surface);
      const goal = goalOn(goals, shown.surface);
      const end = Math.min(to, firstImpression + shown.items.length);
      for (; sequence < end; sequence++, done++) {
        const place = sequence - firstImpression;
        labels[done] = labelOf(outcomeOfRank(ranks[done]!), goal);
        flags[done]! &= RULE_BITS;
        surfaces[done] = surface;
        places[done] = place;
        const { category, samplingRates } = shown.items[place]!;
        categories[done] = category;
        ratesIfNegative[done] = samplingRates?.[0] ?? 1;
        ratesIfPositive[done] = samplingRates?.[1] ?? 1;
        lists.push(list);
      }
    }
  };
  join.takeClosed(count, (lane, run) => {
    for (const [from, to] of lane.examinedIn(run.from, run.to)) take(lane, from, to);
  });
  const samples = done === count ? closed : rowsBetween(CLOSED, closed, 0, done);
  return { ...samples, lists, unexaminedCount: count - done };
}

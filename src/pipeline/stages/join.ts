import type { Followed } from '../follow.js';
import { addCounts } from '../progress/counts.js';
import type { Waiting } from '../order/event-heap.js';
import type { Stage } from '../stage.js';
import type { Tables } from '../tables/tables.js';
import type { Embedded } from './embed.js';

export const join: Stage<Embedded, Followed> = {
  name: 'join',
  does: 'describes each impression from the state before it and attaches interactions to the impressions they belong to',
  takes: 'events',
  gives: 'events',
  async run({ follower, reorder, feed, deps: { tables } }, { events, vectorOf, rejected, then }) {
    const described = tables ? await withTables(events, tables) : events;
    const lastTurnMs = events.at(-1)?.turnMs ?? -Infinity;
    await feed?.readOn(then === 'advance' ? Math.max(lastTurnMs, reorder.watermarkMs) : lastTurnMs);
    const followed = follower.follow(described, vectorOf, then === 'advance' ? reorder.watermarkMs : then);
    const refusedBefore = rejected.flatMap(({ deadLetters }) => deadLetters);
    return { ...followed, deadLetters: [...refusedBefore, ...followed.deadLetters] };
  },
  flow: ({ events }, { refusedCount }) => ({
    in: events.length,
    out: events.length - refusedCount,
    refused: refusedCount,
  }),
  count: (counts, { counts: more }) => addCounts(counts, more),
};

/** Lists with what the tables knew of their items as of their time. */
async function withTables(events: readonly Waiting[], tables: Tables): Promise<readonly Waiting[]> {
  // A list that is too late becomes a dead letter, and nobody looks at its rows.
  const times = events.flatMap(({ event, lateRecord }) =>
    event.kind === 'list' && lateRecord === undefined ? event.timeMs : [],
  );
  if (times.length === 0) return events;
  await tables.readOn(times.reduce((oldest, timeMs) => Math.min(oldest, timeMs)));
  return events.map((waiting) => {
    const { event } = waiting;
    return event.kind === 'list' ? { ...waiting, event: { ...event, list: tables.into(event.list) } } : waiting;
  });
}

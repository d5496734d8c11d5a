import type { Followed } from '../follow.js';
import { addCounts } from '../progress/counts.js';
import type { Stage } from '../stage.js';
import type { Embedded } from './embed.js';

export const join: Stage<Embedded, Followed> = {
  name: 'join',
  does: 'describes each impression from the state before it and attaches interactions to the impressions they belong to',
  takes: 'events',
  gives: 'events',
  run({ follower, reorder }, { events, vectorOf, rejected, then }) {
    const followed = follower.follow(events, vectorOf, then === 'advance' ? reorder.watermarkMs : then);
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

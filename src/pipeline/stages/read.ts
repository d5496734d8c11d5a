import { NOT_CAUGHT_UP, type Chunk } from '../read/input-reader.js';
import type { Stage } from '../stage.js';

export const read: Stage<void, Chunk> = {
  name: 'read',
  does: 'takes the next messages of both inputs from the log',
  takes: 'messages',
  gives: 'messages',
  async run({ reader, course, pace, state, deps }) {
    const reach = course.reach();
    if (!reach) return NOTHING_READ;
    const { shared } = state.features;
    if (!pace || !shared || !reader.isBehind) return reader.next(reach.before, reach.held, reach.mayGather);
    const stride = await pace.next(shared.stretchMs, reader.caughtUp, deps.lease.signal);
    const held = {
      impressions: reach.held.impressions || stride.held.impressions,
      interactions: reach.held.interactions || stride.held.interactions,
    };
    const chunk = await reader.next(reach.before, held, reach.mayGather, stride.maxBytes);
    pace.took(chunk.records);
    return chunk;
  },
  flow(_, { records }) {
    const count = records.impressions.length + records.interactions.length;
    return { in: count, out: count, refused: 0 };
  },
};

const NOTHING_READ: Chunk = {
  records: { impressions: [], interactions: [] },
  caughtUp: NOT_CAUGHT_UP,
};

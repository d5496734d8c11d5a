import { NOT_CAUGHT_UP, type Chunk } from '../read/input-reader.js';
import type { Stage } from '../stage.js';

export const read: Stage<void, Chunk> = {
  name: 'read',
  does: 'takes the next messages of both inputs from the log',
  takes: 'messages',
  gives: 'messages',
  run({ reader, course }) {
    const reach = course.reach();
    return reach ? reader.next(reach.before, reach.held, reach.mayGather) : NOTHING_READ;
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

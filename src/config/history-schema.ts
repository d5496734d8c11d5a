/** `features.history`: the last items that samples carry of what a session and a user were shown and acted on. */
import { z } from 'zod';
import { INTERACTION_TYPES } from '../events/index.js';
import { count } from './units.js';

const length = z.int().min(0).max(1_000).default(0);
const of = (who: string) =>
  z
    .strictObject({
      acted: length.describe(`Items that the ${who} acted on last, one for each interaction; 0: none.`),
      shown: length.describe(`Items that the ${who} was shown last; 0: none.`),
    })
    .prefault({});

export const history = z
  .strictObject({
    session: of('session'),
    user: of('user'),
    types: z
      .array(z.enum(INTERACTION_TYPES))
      .min(1)
      .default([...INTERACTION_TYPES])
      .describe('Types of interactions that count as acting.'),
    maxSessions: count
      .default(100_000)
      .describe(
        'Maximum sessions per partition whose history is remembered; beyond it those it was added to longest ago are dropped. About 60 bytes an item of the history, and twice its id.',
      ),
    maxUsers: count.default(100_000).describe('The same of users.'),
  })
  .prefault({});

export type HistorySettings = z.output<typeof history>;

/** `features.state`: what is remembered under keys of a team's own choice, one line a column. */
import { z } from 'zod';
import { INTERACTION_TYPES } from '../events/index.js';
import { ms } from './units.js';

const MOMENTS = ['shown', 'acted', 'reached', 'clicked', ...INTERACTION_TYPES] as const;

const named = {
  name: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/)
    .describe('Name of the column; a letter, then letters, digits and `_`.'),
  by: z
    .array(z.string())
    .min(1)
    .max(4)
    .describe(
      'What it is remembered under, together: `user` (the session where there is none), `session`, `item`, `query`, `category`, `surface`, `position`, and categories of features.declared by name (of several values the first).',
    ),
};
const of = z
  .enum(MOMENTS)
  .default('acted')
  .describe(
    'What counts: `shown` (impressions), `acted` (any interaction), an interaction type, `reached` (interactions that reach label.goal), `clicked` (the first of an impression that does). Interactions whose impression is unknown count under user, session and item alone.',
  );
const halfLife = ms.min(1).optional();

const count = z.strictObject({
  kind: z.literal('count'),
  ...named,
  of,
  halfLifeMs: halfLife.describe('Half-life of the count, event time; default: it never decays.'),
});

const rate = z.strictObject({
  kind: z.literal('rate'),
  ...named,
  halfLifeMs: halfLife.describe(
    'Half-life of clicks and impressions, event time; default: features.longHalfLifeMs. Smoothed as all rates are.',
  ),
  of: z.enum(MOMENTS).optional().describe('What is counted above the line, as in counts; default: `clicked`.'),
  over: z.enum(MOMENTS).optional().describe('What is counted below the line; default: `shown`.'),
  smoothing: z.number().positive().optional().describe('As features.smoothing, which is the default.'),
});

const window = z.strictObject({
  kind: z.literal('window'),
  ...named,
  of,
  windowMs: ms.min(1).describe('Length of the sliding window, event time.'),
});

const average = z.strictObject({
  kind: z.literal('average'),
  ...named,
  value: z
    .string()
    .describe('What is averaged over the showings: `price`, `position`, or a number of features.declared by name.'),
  step: z
    .number()
    .gt(0)
    .max(1)
    .default(0.1)
    .describe('Share of a new showing in the moving average; the first showing is the average.'),
});

const since = z.strictObject({
  kind: z.literal('since'),
  ...named,
  of,
  unit: z.enum(['seconds', 'minutes', 'hours', 'days']).default('hours').describe('Unit of the column.'),
});

const last = z.strictObject({
  kind: z.literal('last'),
  ...named,
  of,
  value: z
    .string()
    .describe(
      'A category of features.declared, by name: the column is 1 where the item has the value that was last, else 0; of several values the first.',
    ),
  oneHot: z
    .int()
    .min(0)
    .max(1_024)
    .default(0)
    .describe('So many columns of 0 and 1 beside it, the last value hashed as `oneHot` of the category does.'),
});

/** One declared piece of state. */
export const stateFeature = z.discriminatedUnion('kind', [count, rate, window, average, since, last]);
export type StateFeature = z.output<typeof stateFeature>;

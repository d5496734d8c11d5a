/** `features.declared`: numbers, categories and vectors of a team's own that become columns. */
import { z } from 'zod';
import { count, messagePath, ms } from './units.js';

const HALF_DIMENSIONS = 2_048;

const named = {
  name: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/)
    .describe('Name of its columns; a letter, then letters, digits and `_`.'),
  from: messagePath.describe(
    'Path in the impression list: `items.…` is read from each item, anything else from the list itself. `own:NAME`: a column of a plugin.',
  ),
};

const number = z.strictObject({
  kind: z.literal('number'),
  ...named,
  clip: z
    .tuple([z.number(), z.number()])
    .optional()
    .describe('Lowest and highest value; what lies beyond becomes them.'),
  log: z.boolean().default(false).describe('Take sign(x)·ln(1 + |x|), after clipping.'),
  missing: z.number().optional().describe('Value of the column where there is none; default: missing (NaN).'),
  inList: z
    .array(z.enum(['rank', 'ratio', 'difference']))
    .default([])
    .describe(
      "More columns that compare it with the list: `rank` (share of the list's other items with less), `ratio` (over the mean) and `difference` (less the mean).",
    ),
});

const boolean = z.strictObject({ kind: z.literal('boolean'), ...named });

const time = z.strictObject({
  kind: z.literal('time'),
  ...named,
  unit: z.enum(['seconds', 'minutes', 'hours', 'days']).default('hours').describe('Unit of the column.'),
});

const category = z.strictObject({
  kind: z.literal('category'),
  ...named,
  rate: z.boolean().default(true).describe('A column with the counted click-through of its value.'),
  shown: z.boolean().default(false).describe('A column with how often its value was shown.'),
  halfLifeMs: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('Half-life of these counters, event time; default: features.longHalfLifeMs.'),
  oneHot: z
    .number()
    .int()
    .min(0)
    .max(1_024)
    .default(0)
    .describe('So many columns of 0 and 1, the value hashed to one of them; 0: none. For linear models and `head`.'),
});

const vector = z.strictObject({
  kind: z.literal('vector'),
  ...named,
  dimension: count.max(2 * HALF_DIMENSIONS).describe('Numbers it must have; a vector of another length is left out.'),
  as: z
    .array(z.enum(['values', 'projection', 'interest', 'taste', 'list', 'query']))
    .min(1)
    .default(['interest', 'list'])
    .describe(
      "What becomes of it: `values` (a column a number), `projection` (columns of a fixed seeded random projection), `interest` (cosine with the mean of what the session acted on), `taste` (cosine with the decayed mean of what the user acted on, the session where there is none), `list` (cosine with the list's mean), `query` (cosine with the vector at `query`, by default the request's own).",
    ),
  tasteHalfLifeMs: ms.min(1).optional().describe('Half-life of what `taste` remembers, event time; default: 30 days.'),
  projection: count.max(HALF_DIMENSIONS).default(16).describe('Columns of the projection.'),
  query: messagePath
    .default('vectors.query')
    .describe('Path of the vector to compare with, for `query`: of the request, its user, anything the list has.'),
});

/** One declared feature. */
export const declaredFeature = z.discriminatedUnion('kind', [number, boolean, time, category, vector]);
export type DeclaredFeature = z.output<typeof declaredFeature>;
export type DeclaredNumber = z.output<typeof number>;
export type DeclaredTime = z.output<typeof time>;
export type DeclaredCategory = z.output<typeof category>;
export type DeclaredVector = z.output<typeof vector>;

/** `features.declared`: numbers, categories and vectors of a team's own that become columns. */
import { z } from 'zod';
import { isZone } from '../events/zones.js';
import { count, messagePath, ms } from './units.js';

const HALF_DIMENSIONS = 2_048;

const named = {
  name: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/)
    .describe('Name of its columns; a letter, then letters, digits and `_`.'),
  from: messagePath.describe(
    'Path in the impression list: `items.…` is read from each item, anything else from the list itself. `interactions.…`: the last that an interaction of the user brought (of the session where there is no user). `own:NAME`: a column of a plugin.',
  ),
};

/** What number may be taken of a value that is none. */
const NUMBER_TAKES = [
  'words',
  'size',
  'first',
  'last',
  'min',
  'max',
  'mean',
  'sum',
  'norm',
  'timeOfDay',
  'dayOfWeek',
  'dayOfMonth',
  'month',
  'year',
] as const;
export type NumberTake = (typeof NUMBER_TAKES)[number];

/** What category may be taken of a header of the request. */
const CATEGORY_TAKES = ['platform', 'os', 'browser', 'referer'] as const;
export type CategoryTake = (typeof CATEGORY_TAKES)[number];

const top = count
  .optional()
  .describe('Items of the list, from its first, that it is compared with; default: all of them.');

const inList = z
  .array(z.enum(['rank', 'ratio', 'difference', 'median', 'range']))
  .default([])
  .describe(
    "More columns that compare it with the list: `rank` (share of the list's other items with less), `ratio` (over the mean), `difference` (less the mean), `median` (less the median) and `range` (0 the least of the list, 1 the most).",
  );

const number = z.strictObject({
  kind: z.literal('number'),
  ...named,
  take: z
    .enum(NUMBER_TAKES)
    .optional()
    .describe(
      'The number taken of a value that is none: `words` of a text; of a list its `size`, or `first`, `last`, `min`, `max`, `mean`, `sum`, `norm` of its numbers; of a time by local clocks `timeOfDay` (hours, 0 to 24), `dayOfWeek` (Monday 1), `dayOfMonth`, `month`, `year`.',
    ),
  zone: z
    .string()
    .refine(isZone, { error: 'is not a time zone; expected a name like Europe/Berlin or an offset like +08:00' })
    .optional()
    .describe(
      'Time zone of the local clocks; default: the one written in an ISO 8601 time, UTC for epoch times. Only for takes of a time.',
    ),
  clip: z
    .tuple([z.number(), z.number()])
    .optional()
    .describe('Lowest and highest value; what lies beyond becomes them.'),
  log: z.boolean().default(false).describe('Take sign(x)·ln(1 + |x|), after clipping.'),
  missing: z.number().optional().describe('Value of the column where there is none; default: missing (NaN).'),
  scale: z
    .tuple([z.number(), z.number()])
    .refine(([least, most]) => least < most, { error: 'expected the lower end first' })
    .optional()
    .describe('Ends of a range that become 0 and 1, before `log` where both are taken; what lies beyond goes beyond.'),
  inList,
  top,
});

const boolean = z.strictObject({
  kind: z.literal('boolean'),
  ...named,
  take: z
    .enum(['bot'])
    .optional()
    .describe('`bot`: whether a user agent says that it is a crawler or another program.'),
});

const time = z.strictObject({
  kind: z.literal('time'),
  ...named,
  unit: z.enum(['seconds', 'minutes', 'hours', 'days']).default('hours').describe('Unit of the column.'),
});

const category = z.strictObject({
  kind: z.literal('category'),
  ...named,
  take: z
    .enum(CATEGORY_TAKES)
    .optional()
    .describe(
      'The category taken of a header: of a user agent its `platform` (mobile, tablet, desktop, other), `os` (ios, android, windows, macos, linux, chromeos, other) or `browser` (chrome, safari, firefox, edge, opera, samsung, ie, wechat, other); of a `referer` where it is from (search, social, mail, paid, internal, unknown).',
    ),
  internal: z
    .array(z.string().min(1))
    .optional()
    .describe('Domains of your own, for `take: referer`; a domain stands for its subdomains, too.'),
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
  values: z
    .array(z.string().min(1))
    .min(1)
    .max(1_024)
    .optional()
    .describe('Values with a column of 0 and 1 each, `NAMEIsVALUE`.'),
  index: z
    .boolean()
    .optional()
    .describe('A column `NAMEIndex`: the place of the first value among `values`, from 1; 0: not among them.'),
  inList: z
    .array(z.enum(['share']))
    .optional()
    .describe("`share`: a column `NAMEShare`, the share of the list's values that are of this item's."),
  top,
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

const match = z.strictObject({
  kind: z.literal('match'),
  ...named,
  with: messagePath.default('query').describe('Path of the text that is looked for.'),
  by: z
    .enum(['terms', 'covered', 'ngrams', 'bm25'])
    .default('terms')
    .describe(
      'How the two texts are compared: `terms` (words of both over words of either), `covered` (share of the words looked for that are there), `ngrams` (as `terms`, of runs of letters), `bm25` (by words, rare ones first, over the items that were shown before). Where words are written without spaces, pairs of characters are words.',
    ),
  n: z.int().min(2).max(8).default(3).describe('Letters of a run, for `ngrams`.'),
  inList,
  top,
});

/** One declared feature. */
export const declaredFeature = z.discriminatedUnion('kind', [number, boolean, time, category, vector, match]);
export type DeclaredFeature = z.output<typeof declaredFeature>;
export type DeclaredNumber = z.output<typeof number>;
export type DeclaredBoolean = z.output<typeof boolean>;
export type DeclaredMatch = z.output<typeof match>;
export type DeclaredTime = z.output<typeof time>;
export type DeclaredCategory = z.output<typeof category>;
export type DeclaredVector = z.output<typeof vector>;

/** Every path that a feature reads. */
export function declaredPaths(feature: DeclaredFeature): readonly string[] {
  const compared = feature.kind === 'vector' ? feature.query : feature.kind === 'match' ? feature.with : undefined;
  return compared === undefined ? [feature.from] : [feature.from, compared];
}

/** The section on features, apart from the rest only to keep files short. */
import { z } from 'zod';
import { declaredFeature } from './declared-schema.js';
import { history } from './history-schema.js';
import { OMITTED_COLUMNS } from './omitted-columns.js';
import { stateFeature } from './state-schema.js';
import { count, ms } from './units.js';

/** Columns of a block of text vectors. */
const textBlock = z.int().min(0).max(1_024).default(0);

export const features = z.strictObject({
  shortHalfLifeMs: ms
    .min(1)
    .default(3_600_000)
    .describe('Half-life of the counters behind the short-term click-through rates, event time.'),
  longHalfLifeMs: ms
    .min(1)
    .default(86_400_000)
    .describe('Half-life of the counters behind the long-term click-through rates, event time.'),
  smoothing: z
    .number()
    .positive()
    .default(20)
    .describe(
      'Smoothing of click-through rates: as if this many impressions at the average rate had been counted first.',
    ),
  counters: z
    .enum(['partition', 'shared'])
    .default('partition')
    .describe(
      'Whose events the counters behind columns hold: those of the `partition`, or `shared`: those of all (docs/how/scaling.md). Those of sessions and users are on one partition either way.',
    ),
  shareEveryMs: ms
    .min(1_000)
    .default(60_000)
    .describe(
      'Event time after which a partition tells the others what it has counted, with `features.counters: shared`. Less: counts of others come sooner, in more records.',
    ),
  omit: z
    .array(z.string())
    .default([...OMITTED_COLUMNS])
    .describe(
      'Columns left out of `features`. The default leaves out those that did not help in experiments; `[]` includes every column.',
    ),
  declared: z
    .array(declaredFeature)
    .default([])
    .describe(
      'Numbers, categories, vectors, flags and times of your own that become columns (docs/how/own-features.md), e.g. `- {name: reviewScore, from: items.attributes.review, kind: number}`.',
    ),
  state: z
    .array(stateFeature)
    .default([])
    .describe(
      'Counters, rates, sliding windows, moving averages and times since under keys of your own (docs/how/own-features.md), e.g. `- {name: userBrandClicks, kind: count, by: [user, brand], of: CLICK, halfLifeMs: 604800000}`.',
    ),
  history: history.describe('Histories on samples, for sequence models (docs/how/own-features.md).'),
  text: z
    .strictObject({
      item: textBlock.describe(
        'Columns of the text vector of the item, for learners that read (docs/how/encoders.md). As many as it has numbers (384 with `builtin-en`, 512 with `builtin-zh`) are the vector itself, fewer a fixed random projection of it. Each costs 4 bytes an open impression.',
      ),
      query: textBlock.describe('The same of the query, on lists with texts of items.'),
      product: textBlock.describe('Columns of item times query, number by number, whole or both projected.'),
      taste: z
        .boolean()
        .default(false)
        .describe(
          'A column `textTaste`: cosine of the item’s text with the decayed mean of the texts that the user acted on in any session (the session’s where there is no user).',
        ),
      tasteHalfLifeMs: ms
        .min(1)
        .default(2_592_000_000)
        .describe('Half-life of what `textTaste` remembers, event time.'),
    })
    .prefault({}),
  deviceField: z.string().default('device').describe('Name of the context field that holds the device.'),
  maxCounterEntries: count
    .default(1_000_000)
    .describe(
      'Maximum entries per counter table (item, query, item in query, …) and partition; beyond it those not used for longest are dropped.',
    ),
  maxSessions: count
    .default(500_000)
    .describe('Maximum sessions remembered per partition; beyond it those not seen for longest are dropped.'),
  maxInterestVectors: count
    .default(20_000)
    .describe(
      'Maximum sessions per partition whose interest vector (mean of the texts they clicked) is remembered (1.6 kB each).',
    ),
});

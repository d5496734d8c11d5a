import { z } from 'zod';

const record = z.record(z.string(), z.unknown());

/** What a case expects of one output; fields that are not named may be anything. Absent: it is not looked at. */
const expected = z.array(record).optional();

/** A file of cases: events in, what must come out. */
export const casesSchema = z.strictObject({
  cases: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        /** Options for this case alone, `path=value` as `--set` takes them. */
        set: z.array(z.string()).default([]),
        /** Messages as they are sent, in the order of the topic. */
        impressions: z.array(record).default([]),
        interactions: z.array(record).default([]),
        expect: z.strictObject({
          samples: expected,
          late: expected,
          deadLetters: expected,
        }),
      }),
    )
    .min(1),
});

export type Cases = z.output<typeof casesSchema>;
export type Case = Cases['cases'][number];

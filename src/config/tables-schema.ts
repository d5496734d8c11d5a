/** `tables`: what a team knows of its items or users, beside the stream. */
import { z } from 'zod';
import { count, messagePath, ms } from './units.js';

const table = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/)
    .describe('Its fields are `tables.NAME.field` in features.declared and output.carry.'),
  from: z
    .union([z.strictObject({ topic: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })])
    .describe(
      '`{topic: NAME}`: a topic of JSON rows, compacted or not, by its full name. `{file: PATH}`: NDJSON, CSV or Parquet, read at the start.',
    ),
  key: z
    .union([z.enum(['item', 'user']), messagePath])
    .default('item')
    .describe('What of an impression names its row: `item` (items.itemId), `user` (userId) or a path in the list.'),
  rowKey: messagePath.optional().describe("Field with a row's key; a topic's default: the key of the record."),
  time: messagePath
    .optional()
    .describe(
      "Field with the time from which a row is true. Default: the record's timestamp; of a file: it always was.",
    ),
  lateMs: ms
    .optional()
    .describe(
      'How long after that time a row may be written to the topic and still count from it; a later one counts from so long before it was written. Default: half of join.allowedLatenessMs. To load a history, more than it is long.',
    ),
  keepMs: ms
    .default(604_800_000)
    .describe('How long, in event time, a row stays after a newer one took its place, where room is short.'),
  maxVersions: count
    .default(1_000_000)
    .describe('Maximum versions of rows in memory, 0.3 kB and their fields each; beyond it the run ends.'),
});

/** One table. */
export type TableConfig = z.output<typeof table>;

export const tables = z
  .array(table)
  .max(16)
  .default([])
  .describe(
    'What you know of items or users: rows by key and time; an impression finds the newest as of its own time (docs/how/own-features.md#tables).',
  );

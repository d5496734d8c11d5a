/** The mapping language as one declaration: shape, defaults and checks. `docs/how/mapping.md` explains it with examples. */
import { z } from 'zod';
import { INTERACTION_TYPES, SURFACES } from '../events/words.js';
import { expression, when, wordExpression, type Expression } from './expression-schema.js';

const named = z.record(z.string().min(1), expression).default({});
const patterns = z
  .preprocess((given) => (typeof given === 'string' ? [given] : given), z.array(z.string().min(1)))
  .default([])
  .meta({ description: 'Columns to take under their own names; * stands for anything.', listOrOne: true });
const each = z.string().min(1).optional();
const optional = z
  .boolean()
  .default(false)
  .meta({ description: 'True: it is no mistake when nothing comes of it in a file.' });

const items = z.strictObject({
  each: each.meta({ description: 'Path of the array of items; item fields are then read in its elements.' }),
  itemId: expression,
  position: expression.optional(),
  impressionId: expression.optional(),
  title: expression.optional(),
  category: expression.optional(),
  price: expression.optional(),
  currency: expression.optional(),
  description: expression.optional(),
  propensity: expression.optional(),
  samplingRate: expression.optional(),
  negativeSamplingRate: expression.optional(),
  attributes: named,
  attributeColumns: patterns,
  vectors: named,
});
export type ItemsMapping = z.output<typeof items>;

const impressions = z
  .strictObject({
    shape: z.enum(['row-per-impression', 'row-per-list']),
    each: each.meta({ description: 'Path of an array of lists in one row; the fields are then read in its elements.' }),
    when,
    optional,
    requestId: expression,
    eventTimeMs: expression,
    surface: wordExpression(SURFACES),
    sessionId: expression,
    userId: expression.optional(),
    query: expression.optional(),
    context: named,
    contextColumns: patterns,
    vectors: named,
    items,
    maxOpenLists: z.number().int().positive().default(100_000),
  })
  .refine((given) => given.shape === 'row-per-list' || given.items.each === undefined, {
    error: 'each needs shape: row-per-list',
    path: ['items', 'each'],
  });
export type ImpressionsMapping = z.output<typeof impressions>;

const interaction = z.strictObject({
  each: each.meta({ description: 'Path of an array of interactions; the fields are then read in its elements.' }),
  when,
  optional,
  perItem: z.boolean().default(false).meta({ description: 'Look at each item of the lists of the row.' }),
  type: wordExpression(INTERACTION_TYPES),
  interactionId: expression.optional(),
  eventTimeMs: expression.optional(),
  delayMs: z.number().int().nonnegative().default(1),
  sessionId: expression.optional(),
  userId: expression.optional(),
  itemId: expression.optional(),
  requestId: expression.optional(),
  impressionId: expression.optional(),
  value: expression.optional(),
  dwellMs: expression.optional(),
  context: named,
  contextColumns: patterns,
});
export type InteractionMapping = z.output<typeof interaction>;

const header = z
  .array(z.string())
  .min(1)
  .optional()
  .meta({ description: 'Names of the columns; a last name that ends in ... takes all cells that are left.' });

const encoding = z
  .string()
  .refine(isEncoding, {
    error: 'expected an encoding by its usual name, such as utf-8, gb18030, big5, shift_jis, utf-16le',
  })
  .default('utf-8')
  .meta({ description: 'Encoding of the text.' });

function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== '';
  } catch {
    return false;
  }
}

/** How a file is cut into rows. */
const layout = {
  encoding,
  format: z.enum(['auto', 'csv', 'tsv', 'ndjson', 'parquet']).default('auto'),
  delimiter: z.string().length(1).optional(),
  quote: z.union([z.string().length(1), z.literal('none')]).default('"'),
  header,
};

const source = z.strictObject({
  ...layout,
  recordType: z
    .strictObject({
      cell: z.number().int().positive().meta({ description: 'Number of the cell, from 1, that says the kind of row.' }),
      headers: z.record(z.string(), header.unwrap()).meta({ description: 'Names of the columns of each kind of row.' }),
    })
    .optional(),
  fillDown: z
    .array(z.string())
    .default([])
    .meta({ description: 'Columns that keep the value of the last row that had one.' }),
  missing: z.array(z.string()).default(['']).meta({ description: 'Texts that stand for "no value".' }),
});
export type SourceMapping = z.output<typeof source>;

const table = z.strictObject({ file: z.string().min(1), key: z.string().min(1), ...layout });
export type TableMapping = z.output<typeof table>;

export const mappingSchema = z
  .strictObject({
    source: source.prefault({}),
    tables: z
      .record(z.string(), table)
      .default({})
      .meta({ description: 'Second files, read into memory, whose columns values may take by key.' }),
    impressions: z
      .preprocess((given) => (Array.isArray(given) ? given : [given]), z.array(impressions).min(1))
      .optional()
      .meta({ listOrOne: true }),
    interactions: z.array(interaction).min(1).optional(),
  })
  .superRefine((given, context) => {
    const issue = (path: PropertyKey[], message: string): void => context.addIssue({ code: 'custom', path, message });
    if (!given.impressions && !given.interactions) issue([], 'give impressions, interactions or both');
    given.interactions?.forEach((rule, at) => {
      for (const [name, message] of ruleProblems(rule, given.impressions)) issue(['interactions', at, name], message);
    });
    for (const [path, message] of lookupProblems(given, [], given.tables)) issue(path, message);
  });
export type Mapping = z.output<typeof mappingSchema>;

function ruleProblems(
  rule: InteractionMapping,
  lists: readonly ImpressionsMapping[] | undefined,
): readonly (readonly [string, string])[] {
  const problems: [string, string][] = [];
  if (rule.perItem && !lists) problems.push(['perItem', 'perItem needs an impressions section']);
  if (rule.perItem && rule.each !== undefined) problems.push(['each', 'give perItem or each']);
  if (!lists) {
    for (const name of ['eventTimeMs', 'sessionId', 'itemId'] as const) {
      if (rule[name] === undefined)
        problems.push([name, 'required, since there is no impressions section to take it from']);
    }
    return problems;
  }
  const isOwnItem = rule.perItem || lists.every(({ shape }) => shape === 'row-per-impression');
  if (!isOwnItem && rule.itemId === undefined)
    problems.push(['itemId', 'required: a row holds many items (or set perItem: true)']);
  return problems;
}

/** Tables that are not declared, and look-ups that do not say by which key. */
function lookupProblems(given: unknown, path: PropertyKey[], tables: object): [PropertyKey[], string][] {
  if (typeof given !== 'object' || given === null) return [];
  const { table: name, key } = given as Expression;
  const problems: [PropertyKey[], string][] = [];
  if (path.length > 1 && path[0] !== 'tables' && typeof name === 'string') {
    if (!Object.hasOwn(tables, name))
      problems.push([
        [...path, 'table'],
        `${JSON.stringify(name)} is none of tables: ${Object.keys(tables).join(', ')}`,
      ]);
    const hasItem = path[0] === 'interactions' || path.includes('items');
    if (key === undefined && !hasItem)
      problems.push([[...path, 'key'], 'required: there is no item whose id it could be']);
  }
  return [
    ...problems,
    ...Object.entries(given).flatMap(([step, value]) =>
      lookupProblems(value, [...path, Array.isArray(given) ? Number(step) : step], tables),
    ),
  ];
}

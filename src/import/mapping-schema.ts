/** The mapping language as one declaration: shape, defaults and checks. `docs/how/mapping.md` explains it with examples. */
import { z } from 'zod';
import { INTERACTION_TYPES, SURFACES } from '../events/words.js';

const scalar = z.union([z.string(), z.number(), z.boolean()], { error: 'expected a text, a number, true or false' });
const TIME_UNITS = ['auto', 'iso', 's', 'ms', 'us', 'ns'] as const;
export type TimeUnit = (typeof TIME_UNITS)[number];

/** How one value is found and converted; a bare text stands for `{column}`, or `{template}` when it has braces. */
const expressionObject = z
  .strictObject({
    column: z.string().min(1).optional(),
    template: z.string().min(1).optional(),
    constant: scalar.optional(),
    firstOf: z.array(z.string().min(1)).min(1).optional(),
    default: scalar.optional(),
    split: z.string().min(1).optional(),
    json: z.boolean().optional(),
    map: z.record(z.string(), scalar).optional(),
    otherwise: scalar.optional(),
    time: z.enum(TIME_UNITS).optional(),
    times: z.number().optional(),
    plus: z.number().optional(),
  })
  .refine((given) => sourcesOf(given).length === 1, {
    error: 'give exactly one of column, template, constant, firstOf',
  })
  .refine((given) => given.otherwise === undefined || given.map !== undefined, {
    error: 'otherwise needs a map',
    path: ['otherwise'],
  });

function sourcesOf(given: object): string[] {
  return Object.keys(given).filter((name) => ['column', 'template', 'constant', 'firstOf'].includes(name));
}

function fromShorthand(given: unknown): unknown {
  if (typeof given === 'string') return given.includes('{') ? { template: given } : { column: given };
  return typeof given === 'number' || typeof given === 'boolean' ? { constant: given } : given;
}

const expression = z.preprocess(fromShorthand, expressionObject);
export type Expression = z.output<typeof expressionObject>;

/** An expression whose bare text may be one of the given words: those are constants, every other text is a column. */
function wordExpression(words: readonly string[]) {
  const literal = (given: unknown): unknown =>
    typeof given === 'string' && words.includes(given) ? { constant: given } : fromShorthand(given);
  const isWord = (value: unknown): boolean => typeof value === 'string' && words.includes(value);
  return z.preprocess(
    literal,
    expressionObject.superRefine((given, context) => {
      const check = (value: unknown, path: string[]): void => {
        if (value !== undefined && !isWord(value)) {
          context.addIssue({
            code: 'custom',
            path,
            message: `${JSON.stringify(value)} is none of ${words.join(', ')}`,
          });
        }
      };
      check(given.constant, ['constant']);
      check(given.otherwise, ['otherwise']);
      for (const [key, value] of Object.entries(given.map ?? {})) check(value, ['map', key]);
    }),
  );
}

/** Every test given must hold. */
const condition = z
  .strictObject({
    column: z.string().min(1).optional(),
    split: z.string().min(1).optional(),
    equals: scalar.optional(),
    in: z.array(scalar).min(1).optional(),
    present: z.boolean().optional(),
    above: z.number().optional(),
    below: z.number().optional(),
    get any() {
      return z.array(condition).min(1).optional();
    },
    get not() {
      return condition.optional();
    },
  })
  .superRefine((given, context) => {
    const tests = ['equals', 'in', 'present', 'above', 'below'].filter((name) => name in given);
    if (given.column === undefined && tests.length > 0)
      context.addIssue({ code: 'custom', message: `${tests.join(', ')} needs a column` });
    if (given.column !== undefined && tests.length === 0)
      context.addIssue({ code: 'custom', message: 'say what the column must be: equals, in, present, above or below' });
    if (given.column === undefined && given.any === undefined && given.not === undefined)
      context.addIssue({ code: 'custom', message: 'give a column, any or not' });
  });
export type Condition = z.output<typeof condition>;

const when = z.preprocess((given) => (Array.isArray(given) ? given : [given]), z.array(condition)).optional();
const named = z.record(z.string().min(1), expression).default({});
const patterns = z
  .preprocess((given) => (typeof given === 'string' ? [given] : given), z.array(z.string().min(1)))
  .default([]);

const items = z.strictObject({
  each: z.string().min(1).optional(),
  itemId: expression,
  position: expression.optional(),
  impressionId: expression.optional(),
  title: expression.optional(),
  category: expression.optional(),
  price: expression.optional(),
  currency: expression.optional(),
  description: expression.optional(),
  propensity: expression.optional(),
  attributes: named,
  attributeColumns: patterns,
  vectors: named,
});
export type ItemsMapping = z.output<typeof items>;

const impressions = z
  .strictObject({
    shape: z.enum(['row-per-impression', 'row-per-list']),
    when,
    requestId: expression,
    eventTimeMs: expression,
    surface: wordExpression(SURFACES),
    sessionId: expression,
    userId: expression.optional(),
    query: expression.optional(),
    context: named,
    contextColumns: patterns,
    items,
    maxOpenLists: z.number().int().positive().default(100_000),
  })
  .refine((given) => given.shape === 'row-per-list' || given.items.each === undefined, {
    error: 'each needs shape: row-per-list',
    path: ['items', 'each'],
  });
export type ImpressionsMapping = z.output<typeof impressions>;

const interaction = z.strictObject({
  when,
  perItem: z.boolean().default(false),
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

export const mappingSchema = z
  .strictObject({
    source: z
      .strictObject({
        format: z.enum(['auto', 'csv', 'tsv', 'ndjson']).default('auto'),
        delimiter: z.string().length(1).optional(),
        header: z.array(z.string()).min(1).optional(),
        missing: z.array(z.string()).default(['']),
      })
      .prefault({}),
    impressions: impressions.optional(),
    interactions: z.array(interaction).min(1).optional(),
  })
  .superRefine((given, context) => {
    if (!given.impressions && !given.interactions)
      context.addIssue({ code: 'custom', message: 'give impressions, interactions or both' });
    given.interactions?.forEach((rule, at) => {
      const issue = (name: string, message: string): void =>
        context.addIssue({ code: 'custom', path: ['interactions', at, name], message });
      if (rule.perItem && !given.impressions) issue('perItem', 'perItem needs an impressions section');
      if (!given.impressions) {
        for (const name of ['eventTimeMs', 'sessionId', 'itemId'] as const) {
          if (rule[name] === undefined) issue(name, 'required, since there is no impressions section to take it from');
        }
      }
      const isOwnItem = rule.perItem || given.impressions?.shape === 'row-per-impression';
      if (given.impressions && !isOwnItem && rule.itemId === undefined)
        issue('itemId', 'required: a row holds many items (or set perItem: true)');
    });
  });
export type Mapping = z.output<typeof mappingSchema>;

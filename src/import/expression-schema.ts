/** Values and conditions of the mapping language: shape and checks. `docs/how/mapping.md` explains them with examples. */
import { z } from 'zod';
import { compileRegex } from './regex.js';
import { isZone } from '../events/zones.js';
import { unknownLetters } from './time-format.js';

const scalar = z.union([z.string(), z.number(), z.boolean()], {
  error: 'expected a text, a number, true or false',
});
export const TIME_UNITS = ['auto', 'iso', 's', 'ms', 'us', 'ns'] as const;
export type TimeUnit = (typeof TIME_UNITS)[number];

const regex = z
  .string()
  .min(1)
  .refine((source) => isRegex(source), { error: 'is not a regular expression' });
const time = z
  .string()
  .min(1)
  .superRefine((given, context) => {
    if ((TIME_UNITS as readonly string[]).includes(given)) return;
    const unknown = unknownLetters(given);
    const isPattern =
      /[yMdHhmsSa]/.test(given) && unknown === undefined && !/^[A-Za-z]+$/.test(given.replace(/[yMdHhmsS]/g, ''));
    if (isPattern) return;
    const why = unknown === undefined ? '' : ` (${unknown} means nothing)`;
    const message = `${JSON.stringify(given)} is none of ${TIME_UNITS.join(', ')}, and no pattern like "dd/MM/yyyy HH:mm:ss"${why}`;
    context.addIssue({ code: 'custom', message });
  });
const zone = z
  .string()
  .refine((given) => isZone(given), { error: 'is not a time zone; expected a name like Europe/Berlin' });

const SOURCES = ['column', 'template', 'constant', 'firstOf', 'sum'] as const;

/** Where a value comes from, and what is made of it; a condition has the same. */
const fields = {
  column: z.string().min(1).optional().meta({ description: 'Column of the log, or path in nested JSON.' }),
  template: z.string().min(1).optional().meta({ description: 'Text with {columns} in braces.' }),
  constant: scalar.optional().meta({ description: 'The same value always.' }),
  get firstOf(): z.ZodOptional<z.ZodArray<typeof expression>> {
    return z.array(expression).min(1).optional().meta({ description: 'The first of these that is not missing.' });
  },
  get sum(): z.ZodOptional<z.ZodArray<typeof expression>> {
    return z.array(expression).min(2).optional().meta({ description: 'These added up; missing when one is.' });
  },
  table: z.string().optional().meta({ description: 'Take the column from this table instead, in the row of `key`.' }),
  get key(): z.ZodOptional<typeof expression> {
    return expression.optional().meta({ description: 'Key of the row in the table; of an item by default its id.' });
  },
  default: scalar.optional().meta({ description: 'Used when the value is missing.' }),
  optional: z.boolean().optional().meta({ description: 'True: it is no mistake when no row has it.' }),
  json: z.boolean().optional().meta({ description: 'Reads a text that is JSON as what it says.' }),
  split: z.string().min(1).optional().meta({ description: 'Cuts a text into parts at this text.' }),
  findAll: regex.optional().meta({ description: 'Every match of a regular expression becomes a part.' }),
  match: regex.optional().meta({ description: 'Takes what a regular expression finds: its group, else all of it.' }),
  decode: z.enum(['url', 'base64']).optional().meta({ description: 'Takes an encoding away: %20 and + of URLs.' }),
  map: z.record(z.string(), scalar).optional().meta({ description: 'Replaces by table.' }),
  otherwise: scalar.optional().meta({ description: 'What a value becomes that the map does not have.' }),
  decimal: z.enum([',', '.']).optional().meta({ description: 'Reads a number as people write it.' }),
  time: time.optional().meta({ description: 'auto, iso, s, ms, us, ns, or a pattern like "dd/MM/yyyy HH:mm".' }),
  zone: zone.optional().meta({ description: 'Time zone of texts that name none; default UTC.' }),
  times: z.number().optional().meta({ description: 'Multiplies.' }),
  plus: z.number().optional().meta({ description: 'Adds, after `times`.' }),
};

function sourcesOf(given: object): string[] {
  return SOURCES.filter((name) => name in given);
}

/** What is wrong with a value, beyond its fields. */
function valueProblems(given: object): [name: string | null, message: string][] {
  const problems: [string | null, string][] = [];
  const has = (name: string): boolean => (given as Record<string, unknown>)[name] !== undefined;
  if (sourcesOf(given).length !== 1) problems.push([null, `give exactly one of ${SOURCES.join(', ')}`]);
  if (has('otherwise') && !has('map')) problems.push(['otherwise', 'otherwise needs a map']);
  if (has('table') && !has('column')) problems.push(['table', 'table needs the column to take from it']);
  if (has('key') && !has('table')) problems.push(['key', 'key needs a table']);
  if (has('split') && has('findAll')) problems.push(['split', 'give split or findAll']);
  return problems;
}

function addProblems(given: object, context: z.RefinementCtx): void {
  for (const [name, message] of valueProblems(given))
    context.addIssue({ code: 'custom', message, ...(name === null ? {} : { path: [name] }) });
}

/** How one value is found and converted; a bare text stands for `{column}`, or `{template}` when it has braces. */
const expressionObject = z.strictObject(fields).superRefine(addProblems);

/** A bare text is a column, or a template when it has braces; a bare number or boolean is a constant. */
function fromShorthand(given: unknown): unknown {
  if (typeof given === 'string') return given.includes('{') ? { template: given } : { column: given };
  return typeof given === 'number' || typeof given === 'boolean' ? { constant: given } : given;
}

export const expression: z.ZodType<Expression> = z
  .preprocess(fromShorthand, expressionObject)
  .meta({ shorthand: true });

export interface Expression {
  readonly column?: string | undefined;
  readonly template?: string | undefined;
  readonly constant?: string | number | boolean | undefined;
  readonly firstOf?: readonly Expression[] | undefined;
  readonly sum?: readonly Expression[] | undefined;
  readonly table?: string | undefined;
  readonly key?: Expression | undefined;
  readonly default?: string | number | boolean | undefined;
  readonly optional?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly split?: string | undefined;
  readonly findAll?: string | undefined;
  readonly match?: string | undefined;
  readonly decode?: 'url' | 'base64' | undefined;
  readonly map?: Readonly<Record<string, string | number | boolean>> | undefined;
  readonly otherwise?: string | number | boolean | undefined;
  readonly decimal?: ',' | '.' | undefined;
  readonly time?: string | undefined;
  readonly zone?: string | undefined;
  readonly times?: number | undefined;
  readonly plus?: number | undefined;
}

/** An expression whose bare text may be one of the given words: those are constants, every other text is a column. */
export function wordExpression(words: readonly string[]): z.ZodType<Expression> {
  const literal = (given: unknown): unknown =>
    typeof given === 'string' && words.includes(given) ? { constant: given } : fromShorthand(given);
  const isWord = (value: unknown): boolean => typeof value === 'string' && words.includes(value);
  const object = expressionObject.superRefine((given, context) => {
    const check = (value: unknown, path: string[]): void => {
      if (value !== undefined && !isWord(value)) {
        context.addIssue({ code: 'custom', path, message: `${JSON.stringify(value)} is none of ${words.join(', ')}` });
      }
    };
    check(given.constant, ['constant']);
    check(given.otherwise, ['otherwise']);
    for (const [key, value] of Object.entries(given.map ?? {})) check(value, ['map', key]);
  });
  return z.preprocess(literal, object).meta({ shorthand: true, words: [...words] });
}

const TESTS = ['equals', 'in', 'present', 'above', 'below', 'matches', 'among'] as const;

export interface Condition extends Expression {
  readonly equals?: string | number | boolean | undefined;
  readonly in?: readonly (string | number | boolean)[] | undefined;
  readonly present?: boolean | undefined;
  readonly above?: number | undefined;
  readonly below?: number | undefined;
  readonly matches?: string | undefined;
  readonly among?: Expression | undefined;
  readonly any?: readonly Condition[] | undefined;
  readonly not?: Condition | undefined;
}

/** Every test given must hold. */
const condition: z.ZodType<Condition> = z
  .strictObject({
    ...fields,
    equals: scalar.optional().meta({ description: 'The text is the same.' }),
    in: z.array(scalar).min(1).optional().meta({ description: 'It is one of these.' }),
    present: z.boolean().optional().meta({ description: 'It is not missing (false: it is).' }),
    above: z.number().optional(),
    below: z.number().optional(),
    matches: regex.optional().meta({ description: 'A regular expression finds something in it.' }),
    get among() {
      return expression.optional().meta({ description: 'It is in this list.' });
    },
    get any() {
      return z.array(condition).min(1).optional();
    },
    get not() {
      return condition.optional();
    },
  })
  .superRefine((given, context) => {
    const tests = TESTS.filter((name) => name in given);
    if (sourcesOf(given).length > 0 || given.table !== undefined) addProblems(given, context);
    else if (tests.length > 0) context.addIssue({ code: 'custom', message: `${tests.join(', ')} needs a column` });
    else if (given.any === undefined && given.not === undefined)
      context.addIssue({ code: 'custom', message: 'give a column, any or not' });
    if (sourcesOf(given).length > 0 && tests.length === 0)
      context.addIssue({ code: 'custom', message: `say what the column must be: ${TESTS.join(', ')}` });
  }) as z.ZodType<Condition>;

export const when = z
  .preprocess((given) => (Array.isArray(given) ? given : [given]), z.array(condition))
  .optional()
  .meta({ listOrOne: true });

function isRegex(source: string): boolean {
  try {
    compileRegex(source);
    return true;
  } catch {
    return false;
  }
}

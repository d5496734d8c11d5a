/** The sections `quality.rules.<rule>`, made from the tables of settings that the rules declare. */
import { z } from 'zod';
import type { Rule } from '../conduct/rule.js';
import { camelCase, type CamelCase } from '../conduct/rules.js';
import { optionOf, type Options } from './setting-options.js';

const action = z
  .enum(['off', 'flag', 'divert'])
  .default('flag')
  .describe(
    '`flag`: the interaction joins, and the sample says so in `flags`. `divert`: it joins nothing and becomes a dead letter.',
  );

type Section<Declared> =
  Declared extends Rule<infer Table, infer _>
    ? z.ZodPrefault<z.ZodObject<{ action: typeof action } & Options<Table>, z.core.$strict>>
    : never;

/** One section a rule, under its name in camel case. */
export function ruleSections<Rules extends Readonly<Record<string, unknown>>>(
  rules: Rules,
): { [Name in keyof Rules & string as CamelCase<Name>]: Section<Rules[Name]> } {
  const sections = Object.entries(rules as Readonly<Record<string, Pick<Rule, 'settings'>>>).map(
    ([name, { settings }]) => {
      const options = Object.entries(settings).map(([setting, declared]) => [setting, optionOf(declared)] as const);
      return [camelCase(name), z.strictObject({ action, ...Object.fromEntries(options) }).prefault({})] as const;
    },
  );
  return Object.fromEntries(sections) as ReturnType<typeof ruleSections<Rules>>;
}

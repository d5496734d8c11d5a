import { clickEverything } from './click-everything.js';
import { impossibleDwell } from './impossible-dwell.js';
import type { Rule } from './rule.js';
import { sessionRate } from './session-rate.js';

/**
 * Every rule on conduct, by its name: the flag it sets, the error code of what it diverts, the label of its metrics; in
 * camel case its section of `quality.rules`. Of several that divert, the first names the dead letter.
 */
export const RULES = {
  'session-rate': sessionRate,
  'impossible-dwell': impossibleDwell,
  'click-everything': clickEverything,
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleName = keyof typeof RULES;

export const RULE_NAMES = Object.keys(RULES) as RuleName[];

/** A name of words with hyphens as one in camel case. */
export type CamelCase<Name extends string> = Name extends `${infer Word}-${infer Rest}`
  ? `${Word}${Capitalize<CamelCase<Rest>>}`
  : Name;

export function camelCase<Name extends string>(name: Name): CamelCase<Name> {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()) as CamelCase<Name>;
}

/** What is said of the interactions that rules divert, as rows of the error table. */
export const RULE_ERRORS = Object.fromEntries(
  RULE_NAMES.map((name) => [name, { class: 'data', ...RULES[name].deadLetter }]),
) as Readonly<Record<RuleName, { readonly class: 'data' } & Rule['deadLetter']>>;

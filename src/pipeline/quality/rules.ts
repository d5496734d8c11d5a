import type { Config } from '../../config/schema.js';
import { camelCase, RULE_NAMES, type RuleName } from '../../conduct/rules.js';
import { FLAG_BITS } from '../../events/flags.js';

export type QualityRules = Config['quality']['rules'];

/** Bits of all rules. */
export const RULE_BITS = RULE_NAMES.reduce((bits, rule) => bits | FLAG_BITS[rule], 0);

/** Rules whose action is one of these. */
export function rulesOfAction(rules: QualityRules, ...actions: readonly ('flag' | 'divert')[]): readonly RuleName[] {
  return RULE_NAMES.filter((name) => (actions as readonly string[]).includes(rules[camelCase(name)].action));
}

/** True when some interactions may become dead letters by a rule: their bytes must then be at hand at their turn. */
export function divertsAny(rules: QualityRules): boolean {
  return rulesOfAction(rules, 'divert').length > 0;
}

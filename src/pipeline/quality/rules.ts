import type { Config } from '../../config/schema.js';
import type { ErrorCode } from '../../errors.js';
import { FLAG_BITS } from '../../events/flags.js';
import type { SampleFlag } from '../../events/words.js';

export type QualityRules = Config['quality']['rules'];

/** The rules on conduct; each is the flag it sets and the error code of what it diverts. */
export const RULES = ['session-rate', 'impossible-dwell', 'click-everything'] as const satisfies readonly (SampleFlag &
  ErrorCode)[];
export type Rule = (typeof RULES)[number];

/** Bits of all rules. */
export const RULE_BITS = RULES.reduce((bits, rule) => bits | FLAG_BITS[rule], 0);

/** Bits of the rules whose action is one of these. */
export function bitsOfAction(
  { sessionRate, impossibleDwell, clickEverything }: QualityRules,
  ...actions: readonly ('flag' | 'divert')[]
): number {
  const isOn = ({ action }: { readonly action: string }): boolean => (actions as readonly string[]).includes(action);
  return (
    (isOn(sessionRate) ? FLAG_BITS['session-rate'] : 0) |
    (isOn(impossibleDwell) ? FLAG_BITS['impossible-dwell'] : 0) |
    (isOn(clickEverything) ? FLAG_BITS['click-everything'] : 0)
  );
}

/** True when some interactions may become dead letters by a rule: their bytes must then be at hand at their turn. */
export function divertsAny(rules: QualityRules): boolean {
  return bitsOfAction(rules, 'divert') !== 0;
}

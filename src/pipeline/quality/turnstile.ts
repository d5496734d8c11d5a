import type { Rule } from '../../conduct/rule.js';
import { camelCase, RULES, type RuleName } from '../../conduct/rules.js';
import { SluiceError } from '../../errors.js';
import { FLAG_BITS, flagsOf } from '../../events/flags.js';
import type { DeadLetter } from '../../events/words.js';
import type { LogRecord } from '../../ports/transport.js';
import type { AdmittedInteraction } from '../admitted.js';
import { refuse, type Refusal } from '../clean/verdict.js';
import { CAUGHT_COUNTS, type Counts } from '../progress/counts.js';
import { rulesOfAction, type QualityRules } from './rules.js';

/** Counts an interaction that rules caught, and gives its dead letter when it is to join nothing. */
export type Turnstile = (event: AdmittedInteraction, flags: number, counts: Counts) => DeadLetter | undefined;

/**
 * Builds the turnstile of a config. Of several rules that divert, the first of the table names the dead letter.
 * @param letterOf makes the dead letter of a message
 */
export function turnstileOf(
  rules: QualityRules,
  letterOf: (record: LogRecord, refusal: Refusal) => DeadLetter,
): Turnstile {
  const diverting = rulesOfAction(rules, 'divert');
  return ({ record, interaction, offset }, flags, counts) => {
    for (const flag of flagsOf(flags)) if (flag !== 'contradicted') counts[CAUGHT_COUNTS[flag]]++;
    const rule = diverting.find((name) => (flags & FLAG_BITS[name]) !== 0);
    if (rule === undefined) return undefined;
    if (!record) throw new SluiceError('bug', { why: `the interaction at ${offset} is diverted without its message` });
    counts.interactionsDeadLettered++;
    counts.interactionsDiverted++;
    return letterOf(record, refuse(rule, detailsOf(rule, rules, interaction)));
  };
}

function detailsOf(
  rule: RuleName,
  rules: QualityRules,
  interaction: AdmittedInteraction['interaction'],
): Readonly<Record<string, number>> {
  const settings: Readonly<Record<string, unknown>> = rules[camelCase(rule)];
  return (RULES[rule] as Rule).details(settings as Record<string, number>, interaction);
}

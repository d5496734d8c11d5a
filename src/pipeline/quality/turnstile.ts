import { SluiceError } from '../../errors.js';
import { FLAG_BITS } from '../../events/flags.js';
import type { DeadLetter } from '../../events/words.js';
import type { LogRecord } from '../../ports/transport.js';
import type { AdmittedInteraction } from '../admitted.js';
import { refuse, type Refusal } from '../clean/verdict.js';
import type { Counts } from '../progress/counts.js';
import { bitsOfAction, RULES, type QualityRules, type Rule } from './rules.js';

/** Counts an interaction that rules caught, and gives its dead letter when it is to join nothing. */
export type Turnstile = (event: AdmittedInteraction, flags: number, counts: Counts) => DeadLetter | undefined;

const COUNT_OF = {
  'session-rate': 'caughtBySessionRate',
  'impossible-dwell': 'caughtByImpossibleDwell',
  'click-everything': 'caughtByClickEverything',
} as const satisfies Record<Rule, keyof Counts>;

/**
 * Builds the turnstile of a config. Of several rules that divert, the first of the table names the dead letter.
 * @param letterOf makes the dead letter of a message
 */
export function turnstileOf(
  rules: QualityRules,
  letterOf: (record: LogRecord, refusal: Refusal) => DeadLetter,
): Turnstile {
  const diverting = bitsOfAction(rules, 'divert');
  return ({ record, interaction, offset }, flags, counts) => {
    for (const rule of RULES) if ((flags & FLAG_BITS[rule]) !== 0) counts[COUNT_OF[rule]]++;
    const rule = RULES.find((name) => (flags & diverting & FLAG_BITS[name]) !== 0);
    if (rule === undefined) return undefined;
    if (!record) throw new SluiceError('bug', { why: `the interaction at ${offset} is diverted without its message` });
    counts.interactionsDeadLettered++;
    counts.interactionsDiverted++;
    return letterOf(record, refuse(rule, detailsOf(rule, rules, interaction.dwellMs)));
  };
}

function detailsOf(
  rule: Rule,
  { sessionRate, impossibleDwell, clickEverything }: QualityRules,
  dwellMs: number | null,
): Readonly<Record<string, number>> {
  switch (rule) {
    case 'session-rate':
      return { limit: sessionRate.maxPerWindow, windowMs: sessionRate.windowMs };
    case 'impossible-dwell':
      return { dwellMs: dwellMs ?? 0, minMs: impossibleDwell.minMs, maxMs: impossibleDwell.maxMs };
    case 'click-everything':
      return { share: clickEverything.maxShare, shown: clickEverything.minShown };
  }
}

import type { Rule } from '../../conduct/rule.js';
import { camelCase, RULES, type RuleName } from '../../conduct/rules.js';
import { FLAG_BITS } from '../../events/flags.js';
import { strength } from '../../events/strength.js';
import type { CleanInteraction } from '../admitted.js';
import type { CapturedColumns } from '../state/captured.js';
import { KeyTable } from '../state/key-table.js';
import type { Key } from '../state/keys.js';
import { rulesOfAction, type QualityRules } from './rules.js';

/** An act is a click or something stronger: views and dismissals may be sent by the page itself. */
const LEAST_ACT = strength('CLICK');

/** A rule as a config sets it. */
interface RuleAtWork extends Rule {
  readonly flag: number;
  readonly values: Readonly<Record<string, number>>;
}

/**
 * What sessions do, as far as the rules ask (`src/conduct/`). It changes at the turns of events alone, so it is a function
 * of the input, and it is bounded: beyond `maxSessions` those untouched longest are forgotten. A session that was silent for
 * longer than the attribution window begins anew, since all it was shown is closed.
 */
export class Conduct {
  readonly table: KeyTable<string>;
  private readonly rules: readonly RuleAtWork[];
  private readonly ofSessions: readonly RuleAtWork[];
  private readonly knowsShown: boolean;
  private readonly knowsFirstActs: boolean;

  constructor(
    settings: QualityRules,
    private attributionWindowMs: number,
    maxSessions: number,
  ) {
    const remembered = Object.values(RULES).flatMap(({ remembers }): readonly string[] => remembers);
    this.table = new KeyTable(['touchedMs', ...remembered, 'caught'], 'touchedMs', maxSessions);
    this.rules = rulesOfAction(settings, 'flag', 'divert').map((name) => atWork(name, settings));
    this.ofSessions = this.rules.filter((rule) => rule.onAct ?? rule.onShown ?? rule.onFirstAct ?? rule.isUnder);
    this.knowsShown = this.ofSessions.some(({ onShown }) => onShown !== undefined);
    this.knowsFirstActs = this.ofSessions.some(({ onFirstAct }) => onFirstAct !== undefined);
  }

  /** From here on a session begins anew after a silence of this length. */
  forgetAfter(attributionWindowMs: number): void {
    this.attributionWindowMs = attributionWindowMs;
  }

  /** Notes impressions shown to a session. */
  show(session: Key, impressionCount: number, turnMs: number): void {
    if (!this.knowsShown) return;
    const entry = this.touch(session, turnMs);
    for (const rule of this.ofSessions) rule.onShown?.(this.table, entry, impressionCount);
  }

  /**
   * Notes an interaction at its turn.
   * @returns bits of the rules that catch it; what its session did is taken as it was before it, but for its own count
   */
  judge(interaction: CleanInteraction, session: Key, turnMs: number): number {
    let caught = 0;
    for (const rule of this.rules) if (rule.isCaught?.(interaction, rule.values)) caught |= rule.flag;
    if (this.ofSessions.length === 0 || !isAct(interaction)) return caught;
    const entry = this.touch(session, turnMs);
    for (const rule of this.ofSessions) {
      if (!rule.onAct?.(this.table, entry, turnMs, rule.values)) continue;
      caught |= rule.flag;
      this.table.column('caught')[entry]! |= rule.flag;
    }
    return caught | this.bitsUnder(entry);
  }

  /** Notes the first act on an open impression of a session, whether it joined or was diverted. */
  click(session: Key): void {
    if (!this.knowsFirstActs) return;
    const entry = this.table.find(session);
    if (entry >= 0) for (const rule of this.ofSessions) rule.onFirstAct?.(this.table, entry);
  }

  /** Bits of the rules that a session has fallen under by now. */
  flagsOf(session: Key): number {
    if (this.ofSessions.length === 0) return 0;
    const entry = this.table.find(session);
    return entry < 0 ? 0 : this.table.column('caught')[entry]! | this.bitsUnder(entry);
  }

  beginCapture(): ReturnType<KeyTable<never>['beginCapture']> {
    return this.table.beginCapture();
  }

  /** Takes over a captured table; of a checkpoint without one, nothing: sessions are then known from here on. */
  restore(captured: CapturedColumns): void {
    this.table.restore(captured);
  }

  private bitsUnder(entry: number): number {
    let under = 0;
    for (const rule of this.ofSessions) if (rule.isUnder?.(this.table, entry, rule.values)) under |= rule.flag;
    return under;
  }

  /** Entry of a session, added or begun anew when it was silent too long. */
  private touch(session: Key, turnMs: number): number {
    this.table.reserve(1);
    const entry = this.table.findOrAdd(session);
    const touchedMs = this.table.column('touchedMs');
    if (turnMs - touchedMs[entry]! > this.attributionWindowMs)
      for (const name of this.table.columns) this.table.column(name)[entry] = 0;
    touchedMs[entry] = turnMs;
    return entry;
  }
}

function atWork(name: RuleName, settings: QualityRules): RuleAtWork {
  const values: Readonly<Record<string, unknown>> = settings[camelCase(name)];
  return { ...(RULES[name] as Rule), flag: FLAG_BITS[name], values: values as RuleAtWork['values'] };
}

/** True for a click or something stronger. */
export function isAct({ type }: Pick<CleanInteraction, 'type'>): boolean {
  return strength(type) >= LEAST_ACT;
}

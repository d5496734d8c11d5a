import { FLAG_BITS } from '../../events/flags.js';
import { strength } from '../../events/strength.js';
import type { CleanInteraction } from '../admitted.js';
import type { CapturedColumns } from '../state/captured.js';
import { KeyTable } from '../state/key-table.js';
import type { Key } from '../state/keys.js';
import { bitsOfAction, type QualityRules } from './rules.js';

const COLUMNS = ['touchedMs', 'windowStartMs', 'acts', 'previousActs', 'shown', 'clicked', 'caught'] as const;

/** An act is a click or something stronger: views and dismissals may be sent by the page itself. */
const LEAST_ACT = strength('CLICK');

const SESSION_RATE = FLAG_BITS['session-rate'];
const IMPOSSIBLE_DWELL = FLAG_BITS['impossible-dwell'];
const CLICK_EVERYTHING = FLAG_BITS['click-everything'];

/**
 * What sessions do, as far as the rules ask: acts per window, impressions shown and clicked. It changes at the turns of
 * events alone, so it is a function of the input, and it is bounded: beyond `maxSessions` those untouched longest are
 * forgotten. A session that was silent for longer than the attribution window begins anew, since all it was shown is
 * closed.
 */
export class Conduct {
  readonly table: KeyTable<(typeof COLUMNS)[number]>;
  private readonly on: number;
  private readonly knowsSessions: boolean;

  constructor(
    private readonly rules: QualityRules,
    private attributionWindowMs: number,
    maxSessions: number,
  ) {
    this.table = new KeyTable(COLUMNS, 'touchedMs', maxSessions);
    this.on = bitsOfAction(rules, 'flag', 'divert');
    this.knowsSessions = (this.on & (SESSION_RATE | CLICK_EVERYTHING)) !== 0;
  }

  /** From here on a session begins anew after a silence of this length. */
  forgetAfter(attributionWindowMs: number): void {
    this.attributionWindowMs = attributionWindowMs;
  }

  /** Notes impressions shown to a session. */
  show(session: Key, impressionCount: number, turnMs: number): void {
    if ((this.on & CLICK_EVERYTHING) === 0) return;
    const entry = this.touch(session, turnMs);
    this.table.column('shown')[entry]! += impressionCount;
  }

  /**
   * Notes an interaction at its turn.
   * @returns bits of the rules that catch it; the share of clicks is the one before it
   */
  judge(interaction: CleanInteraction, session: Key, turnMs: number): number {
    if (this.on === 0) return 0;
    let caught = 0;
    const { dwellMs } = interaction;
    const { minMs, maxMs } = this.rules.impossibleDwell;
    if (dwellMs !== null && (dwellMs < minMs || dwellMs > maxMs)) caught = IMPOSSIBLE_DWELL & this.on;
    if (!this.knowsSessions || !isAct(interaction)) return caught;
    const entry = this.touch(session, turnMs);
    if ((this.on & SESSION_RATE) !== 0 && this.rate(entry, turnMs) > this.rules.sessionRate.maxPerWindow) {
      caught |= SESSION_RATE;
      this.table.column('caught')[entry] = SESSION_RATE;
    }
    return caught | this.clickShareBit(entry);
  }

  /** Notes the first act on an open impression of a session, whether it joined or was diverted. */
  click(session: Key): void {
    if ((this.on & CLICK_EVERYTHING) === 0) return;
    const entry = this.table.find(session);
    if (entry >= 0) this.table.column('clicked')[entry]! += 1;
  }

  /** Bits of the rules that a session has fallen under by now. */
  flagsOf(session: Key): number {
    if (!this.knowsSessions) return 0;
    const entry = this.table.find(session);
    return entry < 0 ? 0 : this.table.column('caught')[entry]! | this.clickShareBit(entry);
  }

  beginCapture(): ReturnType<KeyTable<never>['beginCapture']> {
    return this.table.beginCapture();
  }

  /** Takes over a captured table; of a checkpoint without one, nothing: sessions are then known from here on. */
  restore(captured: CapturedColumns): void {
    this.table.restore(captured);
  }

  private clickShareBit(entry: number): number {
    const { minShown, maxShare } = this.rules.clickEverything;
    const shown = this.table.column('shown')[entry]!;
    return shown >= minShown && this.table.column('clicked')[entry]! > maxShare * shown
      ? CLICK_EVERYTHING & this.on
      : 0;
  }

  /** Entry of a session, added or begun anew when it was silent too long. */
  private touch(session: Key, turnMs: number): number {
    this.table.reserve(1);
    const entry = this.table.findOrAdd(session);
    const touchedMs = this.table.column('touchedMs');
    if (turnMs - touchedMs[entry]! > this.attributionWindowMs)
      for (const name of COLUMNS) this.table.column(name)[entry] = 0;
    touchedMs[entry] = turnMs;
    return entry;
  }

  /**
   * Counts an act and gives the acts in the window that ends now: those of the present fixed window, and of the one before
   * it the share that is still within reach (as if they were spread evenly over it).
   */
  private rate(entry: number, turnMs: number): number {
    const { windowMs } = this.rules.sessionRate;
    const startMs = this.table.column('windowStartMs');
    const acts = this.table.column('acts');
    const previous = this.table.column('previousActs');
    const passed = startMs[entry] === 0 ? 2 : Math.floor((turnMs - startMs[entry]!) / windowMs);
    if (passed >= 1) {
      previous[entry] = passed === 1 ? acts[entry]! : 0;
      acts[entry] = 0;
      startMs[entry] = passed === 1 ? startMs[entry]! + windowMs : turnMs;
    }
    acts[entry]! += 1;
    return acts[entry]! + previous[entry]! * (1 - (turnMs - startMs[entry]!) / windowMs);
  }
}

/** True for a click or something stronger. */
export function isAct({ type }: Pick<CleanInteraction, 'type'>): boolean {
  return strength(type) >= LEAST_ACT;
}

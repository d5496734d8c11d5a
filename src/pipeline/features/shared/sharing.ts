import type { Key } from '../../state/keys.js';
import type { KeyKind } from '../key-kinds.js';
import type { ListKeys } from '../list-keys.js';
import { MOMENTS, type Moment } from '../moments.js';
import type { StateColumn } from '../state-column.js';
import type { SlidingWindow } from '../windows.js';
import { type KeyCounts, Tally } from './tally.js';

/** What a table remembers of each moment, and how it fades. */
export interface Remembered {
  readonly counts: Readonly<Record<Moment, readonly StateColumn[]>>;
  readonly firsts: Readonly<Record<Moment, readonly StateColumn[]>>;
  readonly lasts: Readonly<Record<Moment, readonly StateColumn[]>>;
  readonly windows: Readonly<Record<Moment, readonly { readonly window: SlidingWindow }[]>>;
  readonly decays: readonly { readonly ratePerMs: number; readonly columns: readonly StateColumn[] }[];
  readonly nameOf: (moment: Moment) => string;
}

/** What a table tells other partitions, and what becomes of what they tell. */
export class Sharing {
  readonly tally: Tally;
  private readonly moments: readonly Moment[];

  /** @param remembered of a table for which everything has been asked */
  constructor(private readonly remembered: Remembered) {
    const { counts, firsts, lasts, windows, nameOf } = remembered;
    this.moments = MOMENTS.filter((moment) => [counts, firsts, lasts, windows].some((each) => each[moment].length > 0));
    this.tally = new Tally(this.moments.map(nameOf));
  }

  /** Notes what was counted under a key. */
  tell(moment: Moment, key: Key, more: number): void {
    const at = this.moments.indexOf(moment);
    if (at >= 0) this.tally.add(key, at, more);
  }

  /** Notes a list under a key, and its impressions. */
  tellShown(key: Key, impressions: number): void {
    this.tell('listed', key, 1);
    this.tell('shown', key, impressions);
  }

  /** Adds a row of what another partition counted at a time to an entry that has been brought to `touchedMs`. */
  add(entry: number, { counts }: KeyCounts, row: number, atMs: number, touchedMs: number): void {
    const ageMs = Math.max(0, touchedMs - atMs);
    for (const moment of this.moments) {
      const more = counts[this.remembered.nameOf(moment)]?.[row] ?? 0;
      if (more > 0) this.happened(moment, entry, more, atMs, ageMs);
    }
  }

  private happened(moment: Moment, entry: number, more: number, atMs: number, ageMs: number): void {
    const { counts, firsts, lasts, windows, decays } = this.remembered;
    for (const column of counts[moment]) {
      const decay = decays.find(({ columns }) => columns.includes(column));
      column.values[entry]! += decay ? more * Math.exp(-ageMs * decay.ratePerMs) : more;
    }
    for (const { values } of firsts[moment])
      values[entry] = values[entry] === 0 ? atMs : Math.min(values[entry]!, atMs);
    for (const { values } of lasts[moment]) values[entry] = Math.max(values[entry]!, atMs);
    for (const { window } of windows[moment]) window.addEarlier(entry, atMs, more);
  }
}

/** False for a person of whom only the session is known, which no other partition meets. */
export function isTold({ of }: KeyKind, { person, session }: ListKeys): boolean {
  return of !== 'user' || person !== session;
}

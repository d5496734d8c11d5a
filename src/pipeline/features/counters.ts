import type { CapturedColumns } from '../state/captured.js';
import { KeyTable } from '../state/key-table.js';
import type { Key } from '../state/keys.js';

const COUNTER_COLUMNS = ['touchedMs', 'shownShort', 'shownLong', 'clickedShort', 'clickedLong'] as const;
type CounterColumn = (typeof COUNTER_COLUMNS)[number];

/** Half-lives of the fast and the slow counters, ms, and the pseudo-impressions behind every rate. */
export interface CounterSettings {
  readonly shortHalfLifeMs: number;
  readonly longHalfLifeMs: number;
  readonly smoothing: number;
  readonly maxEntries: number;
}

/**
 * Impressions and clicks per key, decayed exponentially at two half-lives: n(t) = n(t₀)·2^(−(t−t₀)/h). An event older
 * than the last one of its key counts in full at the key's time.
 */
export class Counters<Extra extends string = never> {
  readonly table: KeyTable<CounterColumn | Extra>;
  private readonly shortRate: number;
  private readonly longRate: number;
  readonly smoothing: number;
  touchedMs!: Float64Array;
  shownShort!: Float64Array;
  shownLong!: Float64Array;
  clickedShort!: Float64Array;
  clickedLong!: Float64Array;

  /** @param decaying extra columns that decay at the long half-life */
  constructor(
    settings: CounterSettings,
    extra: readonly Extra[] = [],
    private readonly decaying: readonly Extra[] = [],
  ) {
    this.table = new KeyTable<CounterColumn | Extra>([...COUNTER_COLUMNS, ...extra], 'touchedMs', settings.maxEntries);
    this.shortRate = Math.LN2 / settings.shortHalfLifeMs;
    this.longRate = Math.LN2 / settings.longHalfLifeMs;
    this.smoothing = settings.smoothing;
    this.bind();
  }

  /** Makes room for `more` new keys; entries stay put until the next call. */
  reserve(more: number): void {
    this.table.reserve(more);
    this.bind();
  }

  /** Entry of a key, brought to `nowMs`, added when new. Room must have been reserved. */
  touch(key: Key, nowMs: number): number {
    const entry = this.table.findOrAdd(key);
    const sinceMs = nowMs - this.touchedMs[entry]!;
    if (sinceMs > 0) {
      if (this.touchedMs[entry] !== 0) this.decay(entry, sinceMs);
      this.touchedMs[entry] = nowMs;
    }
    return entry;
  }

  /** (clicked + k·prior) / (shown + k) at the short half-life. */
  rateShort(entry: number, prior: number): number {
    return (this.clickedShort[entry]! + this.smoothing * prior) / (this.shownShort[entry]! + this.smoothing);
  }

  /** (clicked + k·prior) / (shown + k) at the long half-life. */
  rateLong(entry: number, prior: number): number {
    return (this.clickedLong[entry]! + this.smoothing * prior) / (this.shownLong[entry]! + this.smoothing);
  }

  addShown(entry: number, count: number): void {
    this.shownShort[entry]! += count;
    this.shownLong[entry]! += count;
  }

  /** Counts a click on a key. */
  addClick(key: Key, nowMs: number): number {
    this.reserve(1);
    const entry = this.touch(key, nowMs);
    this.clickedShort[entry]! += 1;
    this.clickedLong[entry]! += 1;
    return entry;
  }

  restore(captured: CapturedColumns): void {
    this.table.restore(captured);
    this.bind();
  }

  private decay(entry: number, sinceMs: number): void {
    const short = Math.exp(-sinceMs * this.shortRate);
    const long = Math.exp(-sinceMs * this.longRate);
    this.shownShort[entry]! *= short;
    this.clickedShort[entry]! *= short;
    this.shownLong[entry]! *= long;
    this.clickedLong[entry]! *= long;
    for (const name of this.decaying) this.table.column(name)[entry]! *= long;
  }

  // Typed arrays change identity when the table grows; the loops read them as fields.
  private bind(): void {
    this.touchedMs = this.table.column('touchedMs');
    this.shownShort = this.table.column('shownShort');
    this.shownLong = this.table.column('shownLong');
    this.clickedShort = this.table.column('clickedShort');
    this.clickedLong = this.table.column('clickedLong');
  }
}

import { float64Of, type CapturedColumns } from '../../state/captured.js';
import type { CapturedPart } from '../family.js';
import type { KeyedTable } from '../keyed-table.js';
import {
  type Delta,
  type HeardDelta,
  type Mark,
  NOTHING_SEEN,
  packCounts,
  type TableCounts,
  unpackCounts,
} from './delta.js';

/** A delta to be written, in parts. */
export interface OwnDelta extends Omit<Delta, 'partition'> {
  readonly parts: readonly Uint8Array[];
}

/**
 * The counters that partitions share. Event time is cut into stretches. At the first event of a stretch, before it, a partition
 * gives away what it counted itself in the one before, and takes in what it has heard of others, of stretches that are over by
 * then: no count comes before its time. How far it had heard is written down with what it gives, so that a re-read takes in the
 * same at the same place.
 */
export class SharedCounters implements CapturedPart {
  readonly names = ['facts', 'waiting'];
  /** True on a re-read: what was taken in then is taken in again, and nothing is given. */
  isRepeating = false;
  /** Deltas before this offset have been heard. */
  heardTo = 0;
  /** Bytes of the deltas that wait for their time. */
  waitingBytes = 0;
  /** Begin of the stretch under way; −Infinity before the first event. */
  stretchMs = -Infinity;
  /** Number of the newest delta of this partition; 0: it has given none. */
  lastNumber = 0;
  /** Marks of a re-read that were missing. */
  gapCount = 0;
  /** Deltas before this offset were taken in, but for those that wait. */
  private seen = NaN;
  private waiting: HeardDelta[] = [];
  /** Offsets before `seen` whose deltas waited when the state was captured. */
  private wanted = new Set<number>();
  private marks: Mark[] = [];
  private given: OwnDelta[] = [];
  private readonly tables: ReadonlyMap<string, KeyedTable>;

  /** @param everyMs length of a stretch */
  constructor(
    tables: readonly KeyedTable[],
    private readonly everyMs: number,
  ) {
    this.tables = new Map(tables.flatMap((table) => (table.sharing ? [[table.name, table] as const] : [])));
  }

  /** Says where the deltas begin: what is known of earlier ones is of another time. @returns the first offset to be read */
  beginAt(offset: number): number {
    if (!(this.seen >= offset)) {
      this.seen = offset;
      this.lastNumber = 0;
      this.wanted.clear();
    }
    this.heardTo = Math.max(this.heardTo, this.seen);
    return Math.min(this.seen, ...this.wanted);
  }

  /** True when an event of a time would begin a stretch. */
  beginsBy(timeMs: number): boolean {
    return this.stretchOf(timeMs) > this.stretchMs;
  }

  /** A delta of another partition was read. */
  hear(delta: HeardDelta): void {
    const { offset, packed } = delta;
    if ((offset < this.seen && !this.wanted.delete(offset)) || packed.length === 0) return;
    this.waiting.push(delta);
    this.waitingBytes += packed.length;
  }

  /** On a re-read: what this partition wrote then. */
  remember(mark: Mark): void {
    if (mark.number > this.rememberedNumber) this.marks.push(mark);
  }

  /** Number of the last mark that is known. */
  get rememberedNumber(): number {
    return this.marks.at(-1)?.number ?? this.lastNumber;
  }

  /** True when a mark behind a time is known. */
  remembersBeyond(timeMs: number): boolean {
    return (this.marks.at(-1)?.entersMs ?? -Infinity) > timeMs;
  }

  /** Must be called before whatever happens at a time, which never goes back. */
  at(timeMs: number): void {
    if (this.isRepeating) this.repeat(timeMs, true);
    const entersMs = this.stretchOf(timeMs);
    if (!(entersMs > this.stretchMs)) return;
    if (this.isRepeating) this.takeOwn();
    else this.goOn(entersMs);
    this.stretchMs = entersMs;
  }

  /** Whatever happens from now on happens at this time or later: what the stretch before it counted need not wait for that. */
  passed(timeMs: number): void {
    if (this.isRepeating) return this.repeat(timeMs, false);
    const entersMs = this.stretchOf(timeMs);
    if (entersMs > this.stretchMs && this.stretchMs > -Infinity) this.give(this.takeOwn(), entersMs, NOTHING_SEEN);
  }

  /** Takes what is to be written since the last call. */
  takeGiven(): readonly OwnDelta[] {
    const { given } = this;
    this.given = [];
    return given;
  }

  capture(): CapturedColumns {
    const { stretchMs, seen, lastNumber } = this;
    const before = this.waiting.flatMap(({ offset }) => (offset < seen ? offset : []));
    return {
      facts: Float64Array.of(stretchMs, seen, lastNumber),
      waiting: Float64Array.from([...before, ...this.wanted]).sort(),
    };
  }

  restore(captured: CapturedColumns): void {
    const [stretchMs = -Infinity, seen = NaN, lastNumber = 0] = float64Of(captured, 'facts');
    this.stretchMs = stretchMs;
    this.seen = seen;
    this.lastNumber = lastNumber;
    this.wanted = new Set(float64Of(captured, 'waiting'));
    this.waiting = [];
    this.waitingBytes = 0;
  }

  private stretchOf(timeMs: number): number {
    return Math.floor(timeMs / this.everyMs) * this.everyMs;
  }

  private goOn(entersMs: number): void {
    const { heardTo, seen } = this;
    const counts = this.takeOwn();
    const isDue = heardTo !== seen || this.waiting.some((delta) => isDueBy(delta, heardTo, entersMs));
    this.give(counts, entersMs, heardTo, isDue);
    if (isDue) this.takeIn(heardTo, entersMs);
  }

  /** @param isMark true when it must be written down, whether there are counts or not */
  private give(counts: TableCounts, entersMs: number, seen: number, isMark = false): void {
    if (!isMark && Object.keys(counts).length === 0) return;
    const fromMs = this.stretchMs === -Infinity ? entersMs : this.stretchMs;
    const number = ++this.lastNumber;
    this.given.push({ number, fromMs, toMs: fromMs + this.everyMs, entersMs, seen, parts: packCounts(counts) });
  }

  private repeat(timeMs: number, isEvent: boolean): void {
    for (
      let mark = this.marks[0];
      mark && mark.entersMs <= timeMs && (isEvent || mark.seen === NOTHING_SEEN);
      mark = this.marks[0]
    ) {
      this.marks.shift();
      if (mark.number !== this.lastNumber + 1) this.gapCount++;
      this.lastNumber = mark.number;
      this.takeOwn();
      if (mark.seen !== NOTHING_SEEN) this.takeIn(mark.seen, mark.entersMs);
    }
  }

  /** What was counted here since the last call. */
  private takeOwn(): TableCounts {
    const counts = [...this.tables].map(([name, { sharing }]) => [name, sharing!.tally.take()] as const);
    return Object.fromEntries(counts.filter(([, { keys }]) => keys.length > 0));
  }

  private takeIn(seen: number, nowMs: number): void {
    const due = this.waiting.filter((delta) => isDueBy(delta, seen, nowMs));
    this.waiting = this.waiting.filter((delta) => !isDueBy(delta, seen, nowMs));
    for (const { packed, fromMs, toMs } of due) {
      this.waitingBytes -= packed.length;
      for (const [name, counts] of Object.entries(unpackCounts(packed)))
        this.tables.get(name)?.addOthers(counts, (fromMs + toMs) / 2, nowMs);
    }
    this.seen = seen;
  }
}

function isDueBy({ offset, toMs }: HeardDelta, heardTo: number, nowMs: number): boolean {
  return offset < heardTo && toMs <= nowMs;
}

import { SluiceError } from '../../errors.js';
import type { Surface } from '../../events/words.js';
import type { Key, KeyOf } from '../state/keys.js';
import { Closing, type ClosingRun } from './closing.js';
import { markUnexamined } from './examined.js';
import { laneIndexFor, laneIndexOf, lanesOf, type Lane, type Marks } from './lane.js';
import type { JoinSettings, Match } from './match.js';
import type { OpenList } from './open-impressions.js';

/**
 * The lists that were shown, open and remembered, by lane: when they close and in which order, when they are forgotten, and
 * how many may be open. All of it follows from the order of events alone, never from batches.
 */
export abstract class ShownLists {
  readonly lanes: readonly [Lane, ...Lane[]];
  /** Closed impressions that are not emitted yet. */
  protected readonly closing = new Closing();
  protected readonly lists = new Map<number, OpenList>();
  /** Impressions closed before their window ended, because the cap was reached. */
  closedEarlyCount = 0;

  constructor(
    /** May change between two events: what is closed stays closed. */
    public settings: JoinSettings,
    columnCount: number,
    readonly keyOf: KeyOf,
    /** Flag bits that a session has earned by now; they go on its impressions when these close. */
    private readonly flagsOfSession: (session: Key) => number = () => 0,
  ) {
    this.lanes = lanesOf(columnCount);
  }

  /** The impressions under the default window. */
  get open(): Lane {
    return this.lanes[0];
  }

  /** The lane that impressions of a surface are opened in. */
  laneFor(surface: Surface): Lane {
    return this.lanes[laneIndexFor(this.settings, surface)]!;
  }

  /** The lane of an impression. */
  laneOf(sequence: number): Lane {
    return this.lanes[laneIndexOf(sequence)]!;
  }

  /** How long after it an interaction counts for an impression, ms. */
  windowMs(sequence: number): number {
    return this.laneOf(sequence).windowMs(this.settings);
  }

  /** Impressions whose outcome is not final. */
  get openCount(): number {
    return this.sumOf(({ openCount }) => openCount);
  }

  /** Impressions that are closed and not emitted. */
  get closedCount(): number {
    return this.sumOf(({ closedCount }) => closedCount);
  }

  /** Those of them that become samples; looks at each. */
  get closedSampleCount(): number {
    return this.closing.count((sequence) => !this.laneOf(sequence).isUnexamined(sequence));
  }

  /** Impressions emitted so far. */
  get emittedCount(): number {
    return this.sumOf(({ emittedBefore, base }) => emittedBefore - base);
  }

  /** Event time of the oldest impression that is closed and not emitted; undefined: there is none. */
  get oldestClosedMs(): number | undefined {
    const { first } = this.closing;
    return first === undefined ? undefined : this.timeMs(first);
  }

  /** Event time of the oldest open impression; undefined: there is none. */
  get oldestOpenMs(): number | undefined {
    const times = this.lanes.flatMap((lane) => (lane.openCount > 0 ? [this.timeMs(lane.openFrom)] : []));
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Where its lanes end, or where what is emitted of them ends. */
  marks(of: 'end' | 'emittedBefore'): Marks {
    return this.lanes.map((lane) => lane[of] - lane.base);
  }

  private sumOf(of: (lane: Lane) => number): number {
    return this.lanes.reduce((sum, lane) => sum + of(lane), 0);
  }

  protected timeMs(sequence: number): number {
    const lane = this.laneOf(sequence);
    return lane.columns.timesMs[lane.slot(sequence)]!;
  }

  /** The list of an impression. @throws bug when it was forgotten */
  listOf(sequence: number): OpenList {
    const lane = this.laneOf(sequence);
    const list = this.lists.get(lane.columns.listSequences[lane.slot(sequence)]!);
    if (!list) throw new SluiceError('bug', { why: `impression ${sequence} has no list` });
    return list;
  }

  /** Closes what the stream has moved past and forgets what has been closed long enough. */
  advance(turnMs: number): void {
    this.closeDue(turnMs);
    for (const lane of this.lanes) {
      lane.forgetMs = Math.max(lane.forgetMs, turnMs - lane.windowMs(this.settings) - this.settings.lateRetentionMs);
      for (let list = this.oldestOf(lane); list; list = this.oldestOf(lane)) {
        const end = list.firstImpression + list.shown.items.length;
        if (this.remembers(list) || end > lane.openFrom || end > lane.emittedBefore) break;
        this.forget(list, lane, end);
      }
    }
  }

  protected oldestOf(lane: Lane): OpenList | undefined {
    return lane.retainedFrom < lane.end ? this.listOf(lane.retainedFrom) : undefined;
  }

  protected remembers({ shown, weightBefore, weight, firstImpression }: OpenList): boolean {
    const { forgetMs, totalWeight } = this.laneOf(firstImpression);
    return (
      shown.eventTimeMs >= forgetMs &&
      totalWeight - weightBefore - weight < REMEMBERED_A_CAP * this.settings.maxOpenImpressions
    );
  }

  /** Closes every open impression, whatever its window. */
  closeAll(): void {
    this.closeDue(Infinity);
  }

  /** Closes the impressions whose windows end before a time, in the order in which they end. */
  private closeDue(turnMs: number): void {
    for (;;) {
      const [lane, next] = this.endingFirst();
      if (lane === undefined) return;
      const windowMs = lane.windowMs(this.settings);
      // Up to where the window of another lane ends first.
      const [limitMs, limitList] = next ? this.endOf(next) : [Infinity, 0];
      let until = lane.openFrom;
      for (; until < lane.end; until++) {
        const slot = lane.slot(until);
        const endMs = lane.columns.timesMs[slot]! + windowMs;
        const isAfter = endMs > limitMs || (endMs === limitMs && lane.columns.listSequences[slot]! > limitList);
        if (!(endMs < turnMs) || isAfter) break;
      }
      if (until === lane.openFrom) return;
      this.closeBefore(lane, until);
    }
  }

  /** The lane whose oldest open impression has the window that ends first, and the one after it. */
  private endingFirst(): readonly [first?: Lane, second?: Lane] {
    let [first, second]: [Lane?, Lane?] = [];
    for (const lane of this.lanes) {
      if (lane.openCount === 0) continue;
      if (first === undefined || isBefore(this.endOf(lane), this.endOf(first))) [first, second] = [lane, first];
      else if (second === undefined || isBefore(this.endOf(lane), this.endOf(second))) second = lane;
    }
    return first === undefined ? [] : second === undefined ? [first] : [first, second];
  }

  /** When the window of the oldest open impression of a lane ends, and its list. */
  private endOf(lane: Lane): readonly [endMs: number, list: number] {
    const slot = lane.slot(lane.openFrom);
    return [lane.columns.timesMs[slot]! + lane.windowMs(this.settings), lane.columns.listSequences[slot]!];
  }

  /** Closes what stands before a sequence number, list by list: with the flags of their sessions, and as examined or not. */
  private closeBefore(lane: Lane, sequence: number): void {
    while (lane.openFrom < sequence) {
      const list = this.listOf(lane.openFrom);
      const until = Math.min(sequence, list.firstImpression + list.shown.items.length);
      const flags = this.flagsOfSession(list.sessionKey);
      for (let at = lane.openFrom; flags !== 0 && at < until; at++) lane.columns.flags[lane.slot(at)]! |= flags;
      markUnexamined(lane, list, lane.openFrom, until, this.settings.examination ?? {});
      this.closing.add(lane.openFrom, until);
      lane.openFrom = until;
    }
  }

  /** Takes out up to `most` closed impressions, in the order in which they closed; `use` is called before they may be forgotten. */
  takeClosed(most: number, use: (lane: Lane, run: ClosingRun) => void): void {
    for (const run of this.closing.take(most)) {
      const lane = this.laneOf(run.from);
      use(lane, run);
      lane.emittedBefore = run.to;
      lane.rows.releaseBefore(run.to);
    }
  }

  /** Passes over closed impressions that were emitted in an earlier life; a lane without a mark has none. */
  passOver(marks: Marks): void {
    for (const lane of this.lanes) {
      const before = lane.base + (marks[lane.index] ?? 0);
      lane.emittedBefore = Math.max(lane.emittedBefore, Math.min(before, lane.openFrom));
      lane.rows.releaseBefore(lane.emittedBefore);
    }
    this.closing.passOver((lane) => this.lanes[lane]!.emittedBefore);
  }

  /** True when the outcome of an impression is final at a turn. */
  isClosed({ sequence }: Match, turnMs: number): boolean {
    const lane = this.laneOf(sequence);
    return sequence < lane.openFrom || turnMs > this.timeMs(sequence) + lane.windowMs(this.settings);
  }

  /** Remembered lists of a session or request, those shown last first. */
  *listsOf(of: 'session' | 'request', key: Key): Generator<OpenList> {
    const newest = this.lanes.map((lane) =>
      this.remembered((of === 'session' ? lane.bySession : lane.byRequest).get(key)),
    );
    for (let steps = 0; steps < LONGEST_CHAIN; steps++) {
      let at = 0;
      for (let lane = 1; lane < newest.length; lane++)
        if ((newest[lane]?.sequence ?? -1) > (newest[at]?.sequence ?? -1)) at = lane;
      const list = newest[at];
      if (list === undefined) return;
      yield list;
      newest[at] = this.remembered(of === 'session' ? list.previousOfSession : list.previousOfRequest);
    }
  }

  private remembered(sequence: number | undefined): OpenList | undefined {
    const list = sequence === undefined ? undefined : this.lists.get(sequence);
    return list && this.remembers(list) ? list : undefined;
  }

  /** Closes those whose windows end first until a list has room. */
  protected makeRoom(count: number, weight: number): void {
    const { maxOpenImpressions: most, overflow } = this.settings;
    const excess = (): number => this.openCount + count - most;
    const isFull = (): boolean =>
      excess() > 0 ||
      this.sumOf((lane) => lane.openWeight(lane.openCount > 0 ? this.listOf(lane.openFrom) : undefined)) + weight >
        most;
    while (this.openCount > 0 && isFull()) {
      if (overflow === 'stop') throw new SluiceError('open-impressions-full', { limit: most });
      const lane = this.endingFirst()[0]!;
      const list = this.listOf(lane.openFrom);
      const left = list.firstImpression + list.shown.items.length - lane.openFrom;
      const closing = excess() > 0 ? Math.min(excess(), left) : left;
      this.closeBefore(lane, lane.openFrom + closing);
      this.closedEarlyCount += closing;
    }
    if (count > most && overflow === 'stop') throw new SluiceError('open-impressions-full', { limit: most });
  }

  /** Forgets what else is known of a list. */
  protected abstract forgetNames(list: OpenList): void;

  private forget(list: OpenList, lane: Lane, end: number): void {
    this.lists.delete(list.sequence);
    if (lane.bySession.get(list.sessionKey) === list.sequence) lane.bySession.delete(list.sessionKey);
    if (lane.byRequest.get(list.requestKey) === list.sequence) lane.byRequest.delete(list.requestKey);
    this.forgetNames(list);
    lane.forgetBefore(end);
  }
}

function isBefore([endMs, list]: readonly [number, number], [otherMs, other]: readonly [number, number]): boolean {
  return endMs < otherMs || (endMs === otherMs && list < other);
}

/** Impressions remembered, open and closed, for each one that may be open. */
const REMEMBERED_A_CAP = 2;

/** Lists of one session or request looked through for an item: bounds the work a bot's session can cause. */
const LONGEST_CHAIN = 256;

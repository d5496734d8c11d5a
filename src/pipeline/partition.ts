import { shortestWindowMs } from '../events/windows.js';
import type { LiveConfig } from '../config/live.js';
import type { InputOffsets, NewRecord } from '../ports/transport.js';
import type { UnknownBefore } from './admitted-before.js';
import { shapeOf } from './features/features.js';
import { Follower } from './follow.js';
import { ClockCourse } from './order/clock-course.js';
import type { Course } from './order/course.js';
import type { Reorder } from './order/reorder.js';
import type { PartitionDeps } from './partition-deps.js';
import type { Counts } from './progress/counts.js';
import { ownerOf } from './checkpoint/owner.js';
import { Journal } from './progress/journal.js';
import type { Progress } from './progress/progress.js';
import { Contradictions } from './quality/contradictions.js';
import type { InputReader } from './read/input-reader.js';
import { priorColumn } from './score/prior.js';
import { poolPlanOf } from './select/pool-budget.js';
import { namedSelection, type NamedSelection } from './settings/selection.js';
import { configRecord, selectionRecord } from './settings/shelf.js';
import { selectionColumns, Selector } from './select/select.js';
import type { SelectionMemory } from './select/selection-memory.js';
import type { DeltaFeed } from './shared/delta-feed.js';
import { Pace } from './shared/pace.js';
import type { StreamState } from './stream-state.js';

export type { VectorSource } from './embed/vector-source.js';
export type { Champion, PartitionDeps } from './partition-deps.js';

/** Samples a unit of work at most: bounds the transaction and the scoring batch. */
export const MOST_SAMPLES_A_UNIT = 8_192;

/** Where a partition goes on from. */
export interface PartitionStart {
  readonly state: StreamState;
  readonly reorder: Reorder;
  readonly reader: InputReader;
  readonly progress: Progress;
  /** Where a re-read from the checkpoint it was restored from begins; undefined without one. */
  readonly checkpointOffsets: InputOffsets | undefined;
  /** Records for the checkpoints topic that its first transaction must carry. */
  readonly owed?: readonly NewRecord[];
  /** Ids of the selection settings that are recorded; undefined: it selects nothing. */
  readonly selections?: ReadonlySet<string>;
  /** What partitions tell each other of their counters; undefined: nothing. */
  readonly feed?: DeltaFeed | undefined;
}

/** How a partition repeats what it has lived through. */
export interface Rereading {
  readonly course: Course;
  readonly unknown: UnknownBefore;
}

/**
 * What the stages of one partition work on: its state, and the parts that hold it. Nothing of a unit of work is observable
 * outside before it is committed; after a failure all this is thrown away and restored from what was committed.
 */
export class Partition {
  readonly state: StreamState;
  readonly reorder: Reorder;
  readonly reader: InputReader;
  readonly follower: Follower;
  readonly course: Course;
  /** What partitions tell each other of their counters; undefined: nothing. */
  readonly feed: DeltaFeed | undefined;
  /** Keeps partitions that share counters side by side, in life. */
  readonly pace: Pace | undefined;
  /** On a re-read, the messages whose schema was not known at first. */
  readonly unknown: UnknownBefore | undefined;
  /** Where in a row the click-through stands that scores before the first snapshot. */
  readonly priorAt: number;
  /** What of the config may change, as it is at this unit of work. */
  private now: LiveConfig;
  selector: Selector;
  /** What samples are selected under at this unit of work. */
  selection: NamedSelection;
  /** Selection settings that need not be written down any more. */
  private readonly selections: Set<string> | undefined;
  readonly contradictions: Contradictions | undefined;
  readonly selected = selectionColumns();
  readonly journal: Journal;
  readonly counts: Counts;
  /** True once the end of the input has been reached and committed. */
  isDone = false;
  /** {@link position} of the last transaction. */
  committedPosition = '';

  constructor(
    readonly deps: PartitionDeps,
    { state, reorder, reader, progress, checkpointOffsets, owed, selections, feed }: PartitionStart,
    rereading?: Rereading,
  ) {
    const { config, clock, keyOf, untilEnd } = deps;
    this.state = state;
    this.reorder = reorder;
    this.reader = reader;
    this.follower = new Follower(state, deps.followSettings, progress.emittedBefore);
    this.priorAt = priorColumn(config.features);
    this.now = deps.now?.() ?? config;
    this.selector = this.selectorFrom(progress.lnMu, progress.selection ?? {});
    const { contradicted } = config.quality;
    this.contradictions =
      contradicted.action === 'off' ? undefined : new Contradictions(contradicted, keyOf, progress.contradictions);
    if (progress.committee) deps.scorer.remember?.(progress.committee);
    this.journal = new Journal(
      config.state,
      clock,
      ownerOf(deps),
      progress,
      checkpointOffsets,
      owed,
      shapeOf(config, keyOf),
    );
    this.unknown = rereading?.unknown;
    this.feed = feed;
    this.pace = feed && !rereading ? this.paceOf(feed) : undefined;
    this.course =
      rereading?.course ??
      new ClockCourse(
        { ...config.join, ...config.clean, attributionWindowMs: shortestWindowMs(config.join), untilEnd },
        reorder,
        this,
        clock,
      );
    this.counts = { ...progress.counts };
    this.selections = selections && new Set(selections);
    this.selection = this.selectionOfNow();
  }

  /**
   * Takes over, between two units of work, how samples are chosen from now on. It is what a restart at this commit under the
   * new settings does: the controllers go on from what they remember, and the next transaction writes the config down.
   */
  takeOver(): void {
    const { deps, selector } = this;
    const now = deps.now?.() ?? this.now;
    if (now === this.now) return;
    this.now = now;
    this.selector = this.selectorFrom(selector.lnMu, selector.memory);
    this.selection = this.selectionOfNow();
    this.journal.owe(
      configRecord(ownerOf(deps), deps.shownConfig({ ...deps.config, selection: now.selection, log: now.log })),
    );
  }

  /** Names the selection settings of now; the transaction with the first samples under them writes them down. */
  private selectionOfNow(): NamedSelection {
    const { deps, journal, now, selections } = this;
    const selection = namedSelection({ ...deps.config, selection: now.selection });
    if (selections && !selections.has(selection.id)) journal.owe(selectionRecord(ownerOf(deps), selection));
    selections?.add(selection.id);
    return selection;
  }

  private paceOf(feed: DeltaFeed): Pace {
    const { config, clock, lease, partitionCount = 1 } = this.deps;
    const { maxBytes } = config.batch;
    const { partition } = lease;
    return new Pace(
      feed,
      { everyMs: config.features.shareEveryMs, maxBytes, partition, partitionCount },
      this.reorder.watermark,
      clock,
    );
  }

  private selectorFrom(lnMu: number | null, memory: SelectionMemory): Selector {
    const { config, keyOf, partitionCount = 1 } = this.deps;
    const contradictedAtMost = config.quality.contradicted.atMost;
    return new Selector(this.now.selection, keyOf, lnMu, {
      goals: config.label,
      partitionCount,
      memory,
      contradictedAtMost,
      // Whether there is a pool stays as it was at the start, when the learner was told.
      pool: poolPlanOf(config, this.state.join.open.columnCount),
    });
  }

  /** Impressions closed but not yet scored. */
  get closedCount(): number {
    return this.state.join.closedCount;
  }

  /** True while so many wait to be scored that nothing more is read. */
  get isFull(): boolean {
    return this.closedCount >= MOST_SAMPLES_A_UNIT;
  }

  /** True while anything waits for the watermark. */
  get isWaiting(): boolean {
    const { reorder, state } = this;
    return reorder.waitingCount > 0 || reorder.heldCount > 0 || state.join.openCount > 0 || state.pending.size > 0;
  }

  /** Advances of the watermark that the progress record holds. */
  get advanceCount(): number {
    return this.journal.advanceCount;
  }

  /** True while a checkpoint is being packed beside the stream. */
  get isPacking(): boolean {
    return this.journal.isPacking;
  }

  /** ln μ of the shared budget controller; null before the first scored sample. */
  get lnMu(): number | null {
    return this.selector.lnMu;
  }

  /** True when everything is emitted after the end of the input. */
  isFinished(): boolean {
    const { course, journal } = this;
    // Runs to the end, one after the other, would each add an advance and never stay long enough to take a checkpoint.
    return course.isEnded && this.closedCount === 0 && !(journal.isFilling && journal.isCheckpointing);
  }

  /** Another text when the partition has moved since: what a restart would find elsewhere. */
  position(): string {
    const { reorder, state, journal } = this;
    const { impressions, interactions } = reorder.offsets;
    return `${impressions} ${interactions} ${state.join.emittedCount} ${reorder.watermarkMs} ${journal.advanceCount}`;
  }

  /** What a restart needs to know, as of now. */
  currentProgress(): Progress {
    const committee = this.deps.scorer.memory?.();
    const contradictions = this.contradictions?.memory;
    return {
      watermarkMs: this.reorder.watermarkMs,
      emittedBefore: this.state.join.marks('emittedBefore'),
      lnMu: this.selector.lnMu,
      selection: this.selector.memory,
      ...(committee ? { committee } : {}),
      ...(contradictions ? { contradictions } : {}),
      ...(this.feed ? { shared: this.feed.progress } : {}),
      counts: this.counts,
      ...this.journal.record,
    };
  }
}

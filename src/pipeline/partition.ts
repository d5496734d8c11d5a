import type { InputName, InputOffsets, NewRecord } from '../ports/transport.js';
import { INPUTS } from '../ports/transport.js';
import { admitChunk, enqueue, type AdmittedChunk } from './admit.js';
import { afterUnknown } from './admitted-before.js';
import type { Rejected } from './admitted.js';
import { Checkpointer, type WrittenCheckpoint } from './checkpoint/checkpointer.js';
import { takeClosed, type ClosedBatch } from './close/close.js';
import { Follower, type Followed, type StreamState } from './follow.js';
import { withAdvance } from './order/forced-advances.js';
import { liveThrough } from './live-through.js';
import { Idleness } from './order/idleness.js';
import type { Waiting } from './order/event-heap.js';
import type { ForcedAdvance, Reorder } from './order/reorder.js';
import type { PartitionDeps } from './partition-deps.js';
import { encodeProgress, type Progress } from './progress/progress.js';
import type { Chunk, InputReader } from './read/input-reader.js';
import { Contradictions } from './quality/contradictions.js';
import { routeAside, routeSamples } from './route/route.js';
import { priorColumn } from './score/prior.js';
import { scoreBatch, type ScoredBatch } from './score/score.js';
import { SelectionColumns, Selector } from './select/select.js';

export type { VectorSource } from './live-through.js';
export type { Champion, PartitionDeps } from './partition-deps.js';

/** Samples a unit of work at most: bounds the transaction and the scoring batch. */
const MOST_SAMPLES_A_UNIT = 8_192;

/** Forced advances in the progress record beyond which a checkpoint is taken early. */
const MOST_FORCED = 40;

/** One unit of work on its way through the stages. */
export interface Unit {
  readonly released: readonly Waiting[];
  readonly rejected: readonly Rejected[];
  readonly forced: ForcedAdvance | undefined;
  /** True when the end of the input was reached and everything is let go. */
  readonly isEnd: boolean;
}

/**
 * One partition's stages over its state. Each method is one stage; `pipeline.ts` says in which order they run. Nothing is
 * observable outside before {@link commit}; after a failure the state is thrown away and restored from what was committed.
 */
export class Partition {
  private readonly idleness: Idleness;
  private readonly follower: Follower;
  /** Where in a row the click-through stands that scores before the first snapshot. */
  private readonly priorAt: number;
  private readonly selector: Selector;
  private readonly contradictions: Contradictions | undefined;
  private readonly selected = new SelectionColumns();
  private forced: readonly ForcedAdvance[];
  private readonly checkpointer: Checkpointer;
  private checkpointId: number | null;
  private unknownBefore: InputOffsets | undefined;
  readonly counts: Progress['counts'];
  private ended = false;
  private endFlushed = false;

  constructor(
    private readonly deps: PartitionDeps,
    readonly state: StreamState,
    readonly reorder: Reorder,
    private readonly reader: InputReader,
    progress: Progress,
    /** Where a re-read from the checkpoint it was restored from begins; undefined without one. */
    private checkpointOffsets: InputOffsets | undefined,
  ) {
    const { config, clock } = deps;
    this.idleness = new Idleness(config.join, clock.monotonicMs());
    this.follower = new Follower(state, deps.followSettings);
    this.priorAt = priorColumn(deps.config.features.omit);
    this.selector = new Selector(config.selection, deps.keyOf, progress.lnMu, {
      goal: config.label.goal,
      partitionCount: deps.partitionCount ?? 1,
      memory: progress.selection ?? {},
      contradictedAtMost: config.quality.contradicted.atMost,
    });
    const { contradicted } = config.quality;
    this.contradictions =
      contradicted.action === 'off' ? undefined : new Contradictions(contradicted, deps.keyOf, progress.contradictions);
    if (progress.committee) deps.scorer.remember?.(progress.committee);
    this.forced = progress.forced;
    this.checkpointId = progress.checkpointId;
    this.unknownBefore = progress.unknownBefore;
    const lastId = Math.max(progress.checkpointId ?? 0, progress.written?.checkpointId ?? 0);
    this.checkpointer = new Checkpointer(config.state, clock, deps.lease.partition, lastId, progress.written);
    this.counts = { ...progress.counts };
  }

  /** True once the end of the input has been reached and committed. */
  get isDone(): boolean {
    return this.ended;
  }

  /** read: the next records of both inputs; none while closed impressions still wait to be scored. */
  async read(): Promise<Chunk> {
    if (this.closedCount >= MOST_SAMPLES_A_UNIT) return EMPTY_CHUNK;
    return this.reader.next(NO_BARRIER, this.held());
  }

  /** decode · clean · pseudonymise: every message on its own. */
  admit(chunk: Chunk): Promise<AdmittedChunk> {
    return admitChunk(this.deps.gate, chunk);
  }

  /** order: the events whose turn has come. */
  order(chunk: AdmittedChunk): Unit {
    const rejected = enqueue(chunk, this.reorder);
    this.unknownBefore = afterUnknown(rejected, this.unknownBefore);
    for (const input of INPUTS) {
      // What was rejected has no time, so a topic of nothing else is as good as silent.
      if (chunk.admitted.some((event) => event.input === input && event.kind !== 'rejected'))
        this.idleness.heard(input, this.deps.clock.monotonicMs());
    }
    this.checkpointer.read(chunk.admitted.reduce((bytes, event) => bytes + event.bytes, 0));
    const isLastIdle = this.reorder.isLastRaiseIdle;
    const forced = this.forceAdvance(chunk);
    const isEnd = forced !== undefined && forced.floorMs === null;
    if (forced) this.forced = withAdvance(this.forced, forced, isLastIdle);
    return { released: isEnd ? this.reorder.releaseAll() : this.reorder.release(), rejected, forced, isEnd };
  }

  /** embed · features · join: every distinct text once, then the events in order. */
  async live(unit: Unit): Promise<Followed> {
    const followed = await liveThrough(this.follower, unit.released, this.deps.vectors, this.counts);
    if (unit.isEnd) this.follower.finish(this.counts);
    else this.state.join.advance(this.reorder.watermarkMs);
    return { ...followed, deadLetters: [...this.follower.reject(unit.rejected, this.counts), ...followed.deadLetters] };
  }

  /** close: impressions whose outcome is final. */
  async close(followed: Followed): Promise<{ followed: Followed; closed: ClosedBatch }> {
    const allowance = this.closedCount === 0 ? 0 : await this.deps.champion.allowance();
    return {
      followed,
      closed: takeClosed(this.state.join, this.deps.config.label.goal, Math.min(allowance, MOST_SAMPLES_A_UNIT)),
    };
  }

  /** score: by the champion, without the outcome. */
  async score({
    followed,
    closed,
  }: {
    followed: Followed;
    closed: ClosedBatch;
  }): Promise<{ followed: Followed; scored: ScoredBatch }> {
    return { followed, scored: await scoreBatch(closed, this.deps.champion.current(), this.deps.scorer, this.priorAt) };
  }

  /** flag · select · route: contradicted labels, coins, and the records that go out. */
  route({ followed, scored }: { followed: Followed; scored: ScoredBatch }): NewRecord[] {
    const { closed, importances } = scored;
    this.contradictions?.judge(scored, this.state.join, this.counts);
    this.selector.select(closed.samples, closed.labels, closed.count, importances, this.selected, closed.facts);
    const { routes } = this.deps;
    return [
      ...routeAside(followed.deadLetters, followed.late, routes),
      ...routeSamples(scored, this.selected, this.state.join, routes, this.counts),
    ];
  }

  /** commit: outputs, both offsets and the progress record, in one transaction. Does nothing when nothing moved. */
  async commit(records: readonly NewRecord[]): Promise<void> {
    const { state, reorder, checkpointer, deps } = this;
    const chunks = checkpointer.takeChunks();
    const ripe = checkpointer.takeRipe(state.join.emittedBefore);
    const neededFrom = ripe ? this.turnTo(ripe) : undefined;
    const position = `${reorder.offsets.impressions} ${reorder.offsets.interactions} ${state.join.emittedBefore} ${reorder.watermarkMs} ${this.forced.length}`;
    if (records.length > 0 || chunks.length > 0 || ripe || position !== this.committedPosition) {
      const progress = encodeProgress(this.currentProgress());
      const outputs = chunks.length > 0 ? [...records, ...chunks] : records;
      await deps.lease.commit({
        records: outputs,
        offsets: reorder.offsets,
        progress,
        ...(neededFrom ? { neededFrom } : {}),
      });
      this.committedPosition = position;
    }
    const isUrgent = this.forced.length > MOST_FORCED;
    checkpointer.captureIfDue(state, reorder, isUrgent);
    // Runs to the end, one after the other, would each add an advance and never stay long enough to take a checkpoint.
    if (this.endFlushed && this.closedCount === 0 && !(isUrgent && checkpointer.isBusy)) this.ended = true;
  }

  // The forced advances since the checkpoint before the new one stay, for a fall-back to it, and so must the input, which is
  // where the result points to.
  private turnTo({ checkpointId, offsets }: WrittenCheckpoint): InputOffsets | undefined {
    const before = this.checkpointOffsets;
    if (before)
      this.forced = this.forced.filter(
        (advance) => advance.impressions >= before.impressions || advance.interactions >= before.interactions,
      );
    this.checkpointOffsets = offsets;
    this.checkpointId = checkpointId;
    return before;
  }

  /** True while a checkpoint is being packed beside the stream. */
  get isPacking(): boolean {
    return this.checkpointer.isPacking;
  }
  private committedPosition = '';

  /** What a restart needs to know, as of now. */
  currentProgress(): Progress {
    return {
      watermarkMs: this.reorder.watermarkMs,
      emittedBefore: this.state.join.emittedBefore,
      lnMu: this.selector.lnMu,
      selection: this.selector.memory,
      ...this.committeeMemory(),
      ...this.contradictionMemory(),
      counts: this.counts,
      forced: this.forced,
      checkpointId: this.checkpointId,
      ...(this.unknownBefore ? { unknownBefore: this.unknownBefore } : {}),
      ...(this.checkpointer.written ? { written: this.checkpointer.written } : {}),
    };
  }

  /** ln μ of the shared budget controller; null before the first scored sample. */
  get lnMu(): number | null {
    return this.selector.lnMu;
  }

  private committeeMemory(): Pick<Progress, 'committee'> {
    const committee = this.deps.scorer.memory?.() ?? null;
    return committee ? { committee } : {};
  }

  private contradictionMemory(): Pick<Progress, 'contradictions'> {
    const contradictions = this.contradictions?.memory;
    return contradictions ? { contradictions } : {};
  }

  /** Impressions closed but not yet scored. */
  private get closedCount(): number {
    return this.state.join.open.openFrom - this.state.join.emittedBefore;
  }

  private forceAdvance(chunk: Chunk): ForcedAdvance | undefined {
    const { untilEnd, clock } = this.deps;
    const atEnd = chunk.caughtUp.impressions && chunk.caughtUp.interactions;
    const isEnd = untilEnd && atEnd && !this.endFlushed;
    if (isEnd) this.endFlushed = true;
    if (this.reorder.waitingCount === 0 && this.state.join.open.openCount === 0 && this.state.pending.size === 0)
      return undefined;
    if (isEnd) return this.reorder.letGo();
    const floorMs = this.idleness.floorMs(
      this.reorder,
      chunk.caughtUp,
      clock.monotonicMs(),
      untilEnd,
      this.forced.length,
    );
    return floorMs === undefined ? undefined : this.reorder.raiseFloor(floorMs);
  }

  /**
   * The input that is ahead is not read while what waits for the other one is over its bound. When the watermark is as close
   * behind it as the wall clock brings it, nothing waits for the other one any more, and it alone can move on.
   */
  private held(): Record<InputName, boolean> {
    const { reorder, deps } = this;
    const { maxReorderBytes, allowedLatenessMs } = deps.config.join;
    const lead = reorder.newestTimeMs('impressions') - reorder.newestTimeMs('interactions');
    const ahead: InputName = lead > 0 ? 'impressions' : 'interactions';
    const closestMs = reorder.newestTimeMs(ahead) - allowedLatenessMs - this.idleness.stepMs(this.forced.length);
    const isHeld = reorder.waitingBytes > maxReorderBytes && lead !== 0 && reorder.watermarkMs < closestMs;
    return { impressions: isHeld && ahead === 'impressions', interactions: isHeld && ahead === 'interactions' };
  }
}

const NO_BARRIER: InputOffsets = { impressions: Infinity, interactions: Infinity };

const EMPTY_CHUNK: Chunk = {
  records: { impressions: [], interactions: [] },
  caughtUp: { impressions: false, interactions: false },
};

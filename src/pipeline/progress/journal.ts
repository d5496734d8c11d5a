import type { Marks } from '../join/lane.js';
import type { Config } from '../../config/schema.js';
import type { Clock } from '../../ports/clock.js';
import type { InputOffsets, NewRecord } from '../../ports/transport.js';
import { afterUnknown } from '../admitted-before.js';
import type { Admitted, Rejected } from '../admitted.js';
import { Checkpointer, type WrittenCheckpoint } from '../checkpoint/checkpointer.js';
import type { Owner } from '../checkpoint/owner.js';
import type { WholeCheckpoint } from '../checkpoint/whole.js';
import { isSwitch, type Belief, type Decree, type ForcedAdvance } from '../order/decree.js';
import { withDecree } from '../order/forced-advances.js';
import type { Reorder } from '../order/reorder.js';
import type { StreamState } from '../stream-state.js';
import type { Progress } from './progress.js';

/** Forced advances in the progress record beyond which a checkpoint is taken early. */
const MOST_FORCED = 40;

/** What the next transaction must carry of a checkpoint. */
export interface CheckpointDue {
  readonly chunks: readonly NewRecord[];
  /** True when the transaction turns to another checkpoint. */
  readonly isTurn: boolean;
  /** Where the input must be kept from; undefined: as before. */
  readonly neededFrom: InputOffsets | undefined;
}

/** What a partition writes down for its next life beside its counts: what was no function of the input, and its checkpoints. */
export class Journal {
  private forced: readonly Decree[];
  /** Id of the settings that held before the first of them. */
  private settings: string | undefined;
  private checkpointId: number | null;
  private unknownBefore: InputOffsets | undefined;
  private readonly begins: InputOffsets | undefined;
  private readonly checkpointer: Checkpointer;
  private whole: Pick<WholeCheckpoint, 'wholeId' | 'afterId' | 'shape'> | undefined;

  constructor(
    settings: Config['state'],
    clock: Pick<Clock, 'monotonicMs'>,
    owner: Owner,
    progress: Progress,
    /** Where a re-read from the ordinary checkpoint begins; undefined without one. */
    private checkpointOffsets: InputOffsets | undefined,
    /** Records for the checkpoints topic that the next transaction must carry beside a checkpoint. */
    private owed: readonly NewRecord[] = [],
    /** Names the settings that the counters are kept under. */
    shape = '',
  ) {
    this.forced = progress.forced;
    this.settings = progress.settings;
    this.begins = progress.begins;
    this.checkpointId = progress.checkpointId;
    this.unknownBefore = progress.unknownBefore;
    const lastId = Math.max(progress.checkpointId ?? 0, progress.written?.checkpointId ?? 0);
    // One that was written under other settings would bring back, after the next restart, what this life does not remember.
    const written = progress.written?.shape === shape ? progress.written : undefined;
    this.whole = progress.whole;
    this.checkpointer = new Checkpointer(settings, clock, owner, lastId, written, shape);
  }

  /** Forced advances that are written down. */
  get advanceCount(): number {
    return this.forced.length;
  }

  /** True when so many are that a checkpoint should relieve it. */
  get isFilling(): boolean {
    return this.forced.length > MOST_FORCED;
  }

  /** True while a checkpoint is on its way. */
  get isCheckpointing(): boolean {
    return this.checkpointer.isBusy;
  }

  /** True while a checkpoint is being packed beside the stream. */
  get isPacking(): boolean {
    return this.checkpointer.isPacking;
  }

  /** Notes messages taken in, and those among them that were rejected. */
  noteRead(messages: readonly Admitted[], rejected: readonly Rejected[]): void {
    this.unknownBefore = afterUnknown(rejected, this.unknownBefore);
    this.checkpointer.read(messages.reduce((bytes, event) => bytes + event.bytes, 0));
  }

  /** Notes what was decided by decree. @param wasIdle {@link Reorder.isLastRaiseIdle} before it */
  noteDecree(decree: ForcedAdvance | Belief, wasIdle: boolean): void {
    this.forced = withDecree(this.forced, decree, wasIdle);
  }

  /** The next transaction must carry this record. */
  owe(record: NewRecord): void {
    this.owed = [...this.owed, record];
  }

  /** True when a restart would begin at a whole checkpoint. */
  get hasWhole(): boolean {
    return this.whole !== undefined;
  }

  /** Number of the next whole checkpoint. */
  get nextWholeId(): number {
    return (this.whole?.wholeId ?? 0) + 1;
  }

  /** From the next transaction on, a restart may begin at this whole checkpoint of the present state. */
  noteWhole(wholeId: number, shape: string): void {
    this.whole = { wholeId, afterId: this.checkpointer.newestId, shape };
  }

  /** Takes what the next transaction must carry of a checkpoint. */
  takeCheckpoint(emittedBefore: Marks): CheckpointDue {
    const chunks = [...this.owed, ...this.checkpointer.takeChunks()];
    this.owed = [];
    const ripe = this.checkpointer.takeRipe(emittedBefore);
    return { chunks, isTurn: ripe !== undefined, neededFrom: ripe && this.turnTo(ripe) };
  }

  /** Captures the state when it is time; called between units. */
  captureIfDue(state: StreamState, reorder: Reorder): void {
    this.checkpointer.captureIfDue(state, reorder, this.isFilling);
  }

  /** Its part of the progress record. */
  get record(): Pick<
    Progress,
    'forced' | 'settings' | 'begins' | 'checkpointId' | 'unknownBefore' | 'written' | 'whole'
  > {
    const { forced, settings, begins, checkpointId, unknownBefore, whole, checkpointOffsets: ordinaryOffsets } = this;
    const { written } = this.checkpointer;
    return {
      forced,
      checkpointId,
      ...(settings === undefined ? {} : { settings }),
      ...(begins ? { begins } : {}),
      ...(unknownBefore ? { unknownBefore } : {}),
      ...(written ? { written } : {}),
      ...(whole ? { whole: { ...whole, ordinaryOffsets } } : {}),
    };
  }

  // The forced advances since the checkpoint before the new one stay, for a fall-back to it, and so must the input, which is
  // where the result points to.
  private turnTo({ checkpointId, offsets }: WrittenCheckpoint): InputOffsets | undefined {
    const before = this.checkpointOffsets;
    if (before) {
      const isOver = ({ impressions, interactions }: Decree): boolean =>
        impressions < before.impressions && interactions < before.interactions;
      this.settings = this.forced.filter(isSwitch).findLast(isOver)?.settings ?? this.settings;
      this.forced = this.forced.filter((decree) => !isOver(decree));
    }
    if (this.whole && checkpointId > this.whole.afterId) this.whole = undefined;
    this.checkpointOffsets = offsets;
    this.checkpointId = checkpointId;
    return before;
  }
}

import type { Marks } from '../join/lane.js';
import type { Config } from '../../config/schema.js';
import type { Clock } from '../../ports/clock.js';
import type { InputOffsets, NewRecord } from '../../ports/transport.js';
import type { StreamState } from '../stream-state.js';
import type { Reorder } from '../order/reorder.js';
import { captureState } from './capture.js';
import type { Owner } from './owner.js';
import { checkpointRecords, packCheckpoint, type PackedCheckpoint } from './pack.js';

/** A checkpoint whose chunks are all in the topic, but which may not be restored from yet. */
export interface WrittenCheckpoint {
  readonly checkpointId: number;
  /** Sequence number after the newest impression in it: it may be restored from once everything before is emitted. */
  readonly ends: Marks;
  /** Where a re-read from it begins. */
  readonly offsets: InputOffsets;
  /** Names the settings that its counters were kept under; '' in records of earlier releases. */
  readonly shape: string;
}

interface Taken {
  readonly written: WrittenCheckpoint;
  packed: PackedCheckpoint | undefined;
  writtenCount: number;
}

/** Bytes of chunks a transaction, so that a large checkpoint never makes a long one. */
const CHUNK_BYTES_A_COMMIT = 1_800_000;

/**
 * Takes checkpoints in three steps. The state is captured between two units when it is time, and packed in the background.
 * Its chunks go out with the next transactions, a few in each. It is turned to once every impression that was open in it
 * has been emitted, because their feature rows are not in it: from then on a re-read from its rewind offset finds
 * everything it needs. A process that ends before that leaves the last step to the next one.
 */
export class Checkpointer {
  private taken: Taken | undefined;
  private takenAtMs: number;
  private bytesSince = 0;
  private failure: { readonly thrown: unknown } | undefined;
  /** Compressed size of the newest checkpoint packed by this process; 0 before it. */
  bytes = 0;

  /**
   * @param lastId the newest checkpoint that was begun
   * @param written one that waits to be turned to, of this process or the one before
   * @param shape names the settings that the counters are kept under
   */
  constructor(
    private readonly settings: Config['state'],
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    private readonly owner: Owner,
    private lastId: number,
    public written: WrittenCheckpoint | undefined,
    private readonly shape: string,
  ) {
    this.takenAtMs = clock.monotonicMs();
  }

  /** The newest checkpoint that was begun. */
  get newestId(): number {
    return this.lastId;
  }

  /** True while a checkpoint is on its way. */
  get isBusy(): boolean {
    return this.taken !== undefined || this.written !== undefined;
  }

  /** True while a captured state is being packed beside the stream. */
  get isPacking(): boolean {
    return this.taken !== undefined && this.taken.packed === undefined && this.failure === undefined;
  }

  /** Notes input read since the last call. */
  read(bytes: number): void {
    this.bytesSince += bytes;
  }

  /**
   * Captures the state when it is time; called between units.
   * @param isUrgent the progress record is running full
   */
  captureIfDue(state: StreamState, reorder: Reorder, isUrgent: boolean): void {
    if (this.failure) throw this.failure.thrown;
    if (this.isBusy) return;
    const nowMs = this.clock.monotonicMs();
    const isDue =
      nowMs - this.takenAtMs >= this.settings.checkpointEveryMs ||
      this.bytesSince >= this.settings.checkpointEveryBytes;
    if (!isUrgent && (!isDue || this.bytesSince === 0)) return;
    this.takenAtMs = nowMs;
    this.bytesSince = 0;
    const captured = captureState(state, reorder);
    const checkpointId = ++this.lastId;
    const taken: Taken = {
      written: { checkpointId, ends: state.join.marks('end'), offsets: captured.start.offsets, shape: this.shape },
      packed: undefined,
      writtenCount: 0,
    };
    this.taken = taken;
    packCheckpoint(checkpointId, captured).then(
      (packed) => {
        taken.packed = packed;
        this.bytes = packed.bytes;
      },
      (thrown: unknown) => (this.failure = { thrown }),
    );
  }

  /** The next chunks to write, if any; they must be in the next transaction. */
  takeChunks(): readonly NewRecord[] {
    const { taken } = this;
    if (!taken?.packed) return NOTHING;
    const from = taken.writtenCount;
    const { chunks } = taken.packed;
    for (let bytes = 0; taken.writtenCount < chunks.length && bytes < CHUNK_BYTES_A_COMMIT; taken.writtenCount++)
      bytes += chunks[taken.writtenCount]!.length;
    if (taken.writtenCount === chunks.length) {
      this.written = taken.written;
      this.taken = undefined;
    }
    return checkpointRecords(this.owner, taken.packed, from, taken.writtenCount);
  }

  /** The written checkpoint, once it may be restored from; the next transaction must say so. */
  takeRipe(emittedBefore: Marks): WrittenCheckpoint | undefined {
    const { written } = this;
    if (!written || written.ends.some((end, lane) => (emittedBefore[lane] ?? 0) < end)) return undefined;
    this.written = undefined;
    return written;
  }
}

const NOTHING: readonly NewRecord[] = [];

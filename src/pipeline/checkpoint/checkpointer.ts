import type { Config } from '../../config/schema.js';
import type { Clock } from '../../ports/clock.js';
import type { NewRecord } from '../../ports/transport.js';
import type { StreamState } from '../follow.js';
import type { Reorder, ReorderStart } from '../order/reorder.js';
import { captureState } from './capture.js';
import { checkpointRecords, packCheckpoint, type PackedCheckpoint } from './pack.js';

/** A checkpoint that may go into the transaction under way. */
export interface DueCheckpoint {
  readonly checkpointId: number;
  readonly start: ReorderStart;
  readonly records: readonly NewRecord[];
  readonly bytes: number;
}

interface Held {
  readonly start: ReorderStart;
  /** Sequence number after the newest impression in it. */
  readonly endSequence: number;
  packed: PackedCheckpoint | undefined;
}

/**
 * Decides when a checkpoint is taken and when it may be committed. The state is captured between two units and packed in
 * the background; it is committed once every impression that was open in it has been emitted, because their feature rows
 * are not in it: from then on a re-read from its rewind offset finds everything it needs.
 */
export class Checkpointer {
  private held: Held | undefined;
  private takenAtMs: number;
  private bytesSince = 0;
  private failure: { readonly thrown: unknown } | undefined;

  constructor(
    private readonly settings: Config['state'],
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    private readonly partition: number,
    private lastId: number,
  ) {
    this.takenAtMs = clock.monotonicMs();
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
    if (this.held) return;
    const nowMs = this.clock.monotonicMs();
    const isDue = nowMs - this.takenAtMs >= this.settings.checkpointEveryMs || this.bytesSince >= this.settings.checkpointEveryBytes;
    if (!isUrgent && (!isDue || this.bytesSince === 0)) return;
    this.takenAtMs = nowMs;
    this.bytesSince = 0;
    const captured = captureState(state, reorder);
    const held: Held = { start: captured.start, endSequence: state.join.open.end, packed: undefined };
    this.held = held;
    packCheckpoint(this.lastId + 1, captured).then(
      (packed) => (held.packed = packed),
      (thrown: unknown) => (this.failure = { thrown }),
    );
  }

  /** The held checkpoint, once it may be committed; it must then be in the next transaction. */
  takeDue(emittedBefore: number): DueCheckpoint | undefined {
    const { held } = this;
    if (!held?.packed || emittedBefore < held.endSequence) return undefined;
    this.held = undefined;
    this.lastId = held.packed.checkpointId;
    return { checkpointId: this.lastId, start: held.start, records: checkpointRecords(this.partition, held.packed), bytes: held.packed.bytes };
  }
}

import type { InputOffsets } from '../ports/transport.js';
import { admitChunk, enqueue } from './admit.js';
import { asBefore, NONE_UNKNOWN, type UnknownBefore } from './admitted-before.js';
import type { RestorePoint } from './checkpoint/load.js';
import { Follower, type StreamState } from './follow.js';
import { liveThrough } from './live-through.js';
import { advancesSince } from './order/forced-advances.js';
import { FROM_THE_BEGINNING, Reorder } from './order/reorder.js';
import { Partition, type PartitionDeps } from './partition.js';
import { noCounts } from './progress/counts.js';
import { decodeProgress, type Progress } from './progress/progress.js';
import { InputReader } from './read/input-reader.js';
import { emptyStreamState } from './stream-state.js';

/** How far a re-read has come. */
export interface ReplayProgress {
  readonly partition: number;
  readonly offsets: InputOffsets;
  readonly until: InputOffsets;
}

/**
 * Brings a partition to exactly the state it had at its last commit: begins at a restore point (the newest checkpoint, or
 * nothing) and reads the input again up to the committed offsets, repeating the recorded forced advances where they
 * happened. The re-read neither scores nor emits nor counts.
 */
export async function restorePartition(
  deps: PartitionDeps,
  load: LoadPoint,
  onProgress: (progress: ReplayProgress) => void,
): Promise<Partition> {
  const { lease, config } = deps;
  const committed = await lease.committed();
  const progress = decodeProgress(committed.progress);
  const point = await load(progress.checkpointId);
  const { state, start } = point ?? { state: emptyStreamState(config, deps.keyOf), start: FROM_THE_BEGINNING };
  const reorder = new Reorder(config.join.allowedLatenessMs, start);
  const reader = new InputReader(lease, config.batch, deps.clock);
  await lease.seek(start.offsets);
  const after = progress.unknownBefore;
  const mayDiffer =
    after !== undefined &&
    (after.impressions > start.offsets.impressions || after.interactions > start.offsets.interactions);
  const unknown = (mayDiffer && (await deps.unknownBefore?.())) || NONE_UNKNOWN;
  const replay = new Replay(deps, state, reorder, reader, progress, unknown, (offsets) =>
    onProgress({ partition: lease.partition, offsets, until: committed.offsets }),
  );
  for (const advance of advancesSince(progress.forced, start)) {
    await replay.readTo(advance);
    if (advance.floorMs === null) await replay.finish();
    else reorder.raiseFloor(advance.floorMs);
  }
  await replay.readTo(committed.offsets);
  await replay.live();
  return new Partition(deps, state, reorder, reader, progress, point?.start.offsets);
}

/** Loads the checkpoint of a progress record; undefined: read the input from its beginning. */
export type LoadPoint = (checkpointId: number | null) => Promise<RestorePoint | undefined>;

class Replay {
  private readonly follower: Follower;
  private readonly uncounted = noCounts();

  constructor(
    private readonly deps: PartitionDeps,
    private readonly state: StreamState,
    private readonly reorder: Reorder,
    private readonly reader: InputReader,
    private readonly progress: Progress,
    private readonly unknown: UnknownBefore,
    private readonly onProgress: (offsets: InputOffsets) => void,
  ) {
    this.follower = new Follower(state, deps.followSettings, progress.emittedBefore);
  }

  /** Lives through the input up to a pair of offsets, which it never passes. */
  async readTo(until: InputOffsets): Promise<void> {
    const { gate, lease } = this.deps;
    for (
      let { offsets } = this.reorder;
      offsets.impressions < until.impressions || offsets.interactions < until.interactions;
      { offsets } = this.reorder
    ) {
      lease.signal.throwIfAborted();
      const held = {
        impressions: offsets.impressions >= until.impressions,
        interactions: offsets.interactions >= until.interactions,
      };
      enqueue(asBefore(await admitChunk(gate, await this.reader.next(until, held)), this.unknown), this.reorder);
      await this.live();
      this.onProgress(this.reorder.offsets);
    }
  }

  /** Repeats a declared end of the input. */
  async finish(): Promise<void> {
    this.reorder.letGo();
    await this.through(this.reorder.releaseAll());
    this.follower.finish(this.uncounted);
    this.dropEmitted();
  }

  /** Lives through what the watermark lets go. */
  async live(): Promise<void> {
    await this.through(this.reorder.release());
    this.state.join.advance(this.reorder.watermarkMs);
    this.dropEmitted();
  }

  private async through(released: ReturnType<Reorder['release']>): Promise<void> {
    await liveThrough(this.follower, released, this.deps.vectors, this.uncounted);
  }

  private dropEmitted(): void {
    const { join } = this.state;
    join.emittedBefore = Math.max(join.emittedBefore, Math.min(this.progress.emittedBefore, join.open.openFrom));
    join.open.rows.releaseBefore(join.emittedBefore);
  }
}

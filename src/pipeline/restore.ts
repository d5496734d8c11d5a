import type { InputOffsets } from '../ports/transport.js';
import { NONE_UNKNOWN } from './admitted-before.js';
import type { RestorePoint } from './checkpoint/load.js';
import { passOver } from './close/close.js';
import { advancesSince } from './order/forced-advances.js';
import { RecordedCourse } from './order/recorded-course.js';
import { FROM_THE_BEGINNING, Reorder } from './order/reorder.js';
import { Partition, type PartitionDeps } from './partition.js';
import { decodeProgress } from './progress/progress.js';
import { InputReader } from './read/input-reader.js';
import { plainly } from './stage.js';
import { TO_STATE } from './stages/index.js';
import { emptyStreamState } from './stream-state.js';

/** How far a re-read has come. */
export interface ReplayProgress {
  readonly partition: number;
  readonly offsets: InputOffsets;
  readonly until: InputOffsets;
}

/** Loads the checkpoint of a progress record; undefined: read the input from its beginning. */
export type LoadPoint = (checkpointId: number | null) => Promise<RestorePoint | undefined>;

/**
 * Brings a partition to exactly the state it had at its last commit: begins at a restore point (the newest checkpoint, or
 * nothing) and takes the input up to the committed offsets through the stages again, as far as they change the state. The
 * re-read neither scores nor emits nor counts.
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

  const from = { state, reorder, reader, progress, checkpointOffsets: point?.start.offsets };
  const course = new RecordedCourse(reorder, advancesSince(progress.forced, start), committed.offsets);
  const rereading = new Partition(deps, from, { course, unknown });
  while (!course.isDone) {
    lease.signal.throwIfAborted();
    await TO_STATE.run(plainly, rereading, undefined);
    passOver(state.join, progress.emittedBefore);
    onProgress({ partition: lease.partition, offsets: reorder.offsets, until: committed.offsets });
  }
  return new Partition(deps, from);
}

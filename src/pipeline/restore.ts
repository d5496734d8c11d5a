import type { Config } from '../config/schema.js';
import { SluiceError } from '../errors.js';
import type { Logger } from '../ports/logger.js';
import type { InputOffsets, Transport } from '../ports/transport.js';
import { NONE_UNKNOWN, type UnknownBefore } from './admitted-before.js';
import { checkpointsFor, loadCheckpoint, loadWhole, type CheckpointSource } from './checkpoint/load.js';
import { ownerOf } from './checkpoint/owner.js';
import { wholeName } from './checkpoint/pack.js';
import { wholeShapeOf } from './checkpoint/whole.js';
import { advancesSince, isBefore } from './order/forced-advances.js';
import { RecordedCourse } from './order/recorded-course.js';
import { beginningAt, FROM_THE_BEGINNING, Reorder, type ReorderSettings, type ReorderStart } from './order/reorder.js';
import { Partition, type PartitionDeps } from './partition.js';
import { decodeProgress, isMoved, type Progress } from './progress/progress.js';
import { InputReader } from './read/input-reader.js';
import { configUnder, reorderSettings } from './settings/admission.js';
import { SettingsHistory } from './settings/history.js';
import { configRecord, readShelf, refuseOtherInputs, sameConfig, settingsRecord } from './settings/shelf.js';
import { plainly, type Chain } from './stage.js';
import { TO_STATE } from './stages/index.js';
import { DeltaFeed } from './shared/delta-feed.js';
import { emptyStreamState, goOnUnder, type StreamState, underAnotherKey } from './stream-state.js';

/** How far a re-read has come. */
export interface ReplayProgress {
  readonly partition: number;
  readonly offsets: InputOffsets;
  readonly until: InputOffsets;
}

/** What a restore needs beside what a partition needs. */
export interface RestoreSources {
  readonly transport: Pick<Transport, 'reader' | 'endOffsets'>;
  readonly logger: Logger;
  readonly onProgress: (progress: ReplayProgress) => void;
  /** Absent: the partition is to go on from where it stood. */
  readonly retrace?: Retrace;
}

/** A re-read that is looked at and thrown away. Every impression in it gets its feature row, emitted or not. */
export interface Retrace {
  /** The stages it goes through, in place of those of a restore. */
  readonly through: Pick<Chain<void, unknown>, 'run'>;
  /** Asked whether it may begin with the state of a checkpoint; else it begins with nothing, where the input begins. */
  readonly mayBeginAt: (start: ReorderStart) => boolean;
  /** Ends it before the committed offsets are reached. */
  readonly isDone: () => boolean;
}

/**
 * Brings a partition to exactly the state it had at its last commit: begins at a restore point (the newest checkpoint, or
 * nothing) and takes the input up to the committed offsets through the stages again, as far as they change the state, every
 * part of it under the settings that it was first read under. The re-read neither scores nor emits nor counts.
 * @throws progress-lost when the committed offsets or their record are gone; settings-changed, key-changed when the input
 * cannot go on under the settings of now; settings-lost
 */
export async function restorePartition(deps: PartitionDeps, sources: RestoreSources): Promise<Partition> {
  const { lease, config, settings: now } = deps;
  const { retrace } = sources;
  const owner = ownerOf(deps);
  const committed = await lease.committed();
  const progress = decodeProgress(committed.progress);
  const whole = retrace || progress.whole?.shape !== wholeShapeOf(config, deps.keyOf) ? undefined : progress.whole;
  const shelf = await readShelf(sources.transport, owner, [
    ...checkpointsFor(progress.checkpointId),
    ...(whole ? [wholeName(whole.wholeId).id] : []),
  ]);
  refuseOtherInputs(shelf.config, config);
  const isLost = (!committed.progress && shelf.settings.size > 0) || isMoved(progress, committed.offsets);
  if (isLost) throw new SluiceError('progress-lost', { ...owner });
  const history = new SettingsHistory(now, shelf.settings, progress.forced, progress, owner.partition);
  history.check(deps.classOf, config.privacy.replaces);
  const isRotated = history.isOfAnotherKey(history.last);
  if (isRotated)
    sources.logger.warn(
      'the pseudonym key was replaced: sessions and users are known again from what is read again on',
      {
        ...owner,
        before: history.settings(history.last).keyId,
        after: now.settings.keyId,
      },
    );

  const under = (id: string): Config => configUnder(config, history.settings(id));
  const source: CheckpointSource = {
    owner,
    chunks: shelf.chunks,
    emptyState: (start) => emptyStreamState(under(history.at(start).state), deps.keyOf),
    logger: sources.logger,
  };
  const atWhole = whole && (await loadWhole(source, whole.wholeId));
  const newest = atWhole ?? (await loadCheckpoint(source, progress.checkpointId));
  const point = newest && (retrace?.mayBeginAt(newest.start) ?? true) ? newest : undefined;
  const start = point?.start ?? (progress.begins ? beginningAt(progress.begins) : FROM_THE_BEGINNING);
  let { admission, state: lived } = history.at(start);
  const state = point?.state ?? emptyStreamState(under(lived), deps.keyOf);
  if (history.isOfAnotherKey(lived)) underAnotherKey(state);
  const orderUnder = (id: string): ReorderSettings => reorderSettings(under(id), history.settings(id).stages);
  const reorder = new Reorder(orderUnder(admission), start);
  const reader = new InputReader(lease, config.batch, deps.clock);
  await lease.seek(start.offsets);

  const { whole: _passedOver, ...withoutWhole } = progress;
  const known: Progress = atWhole ? progress : withoutWhole;
  const lifeThen = retrace ? { ...known, emittedBefore: [] } : known;
  const checkpointOffsets = atWhole ? whole?.ordinaryOffsets : point?.start.offsets;
  const feed = await feedOf(deps, sources, state, progress, committed.progress !== null);
  const from = { state, reorder, reader, progress: lifeThen, checkpointOffsets, feed };
  const course = new RecordedCourse(reorder, advancesSince(progress.forced, start), committed.offsets);
  const unknown = await unknownIn(deps, progress, start);
  const rereading = (): Partition =>
    new Partition(deps.under(history.settings(admission), history.settings(lived)), from, { course, unknown });
  let partition = rereading();
  const stepOn = async (): Promise<void> => {
    lease.signal.throwIfAborted();
    const switched = course.takeSwitch();
    if (switched) {
      admission = switched.settings;
      // The restored state may have lived on under these already.
      if (!isBefore(switched, start.readTo)) goOnUnder(under((lived = admission)), state);
      reorder.goBy(orderUnder(admission));
      partition = rereading();
      return;
    }
    await (retrace?.through ?? TO_STATE).run(plainly, partition, undefined);
    state.join.passOver(retrace ? state.join.marks('end') : progress.emittedBefore);
    sources.onProgress({ partition: lease.partition, offsets: reorder.offsets, until: committed.offsets });
  };
  try {
    while (!course.isDone && retrace?.isDone() !== true) await stepOn();
  } catch (thrown) {
    await feed?.close();
    throw thrown;
  }
  if (retrace) {
    await feed?.close();
    return partition;
  }
  feed?.beginLife();
  if (history.isChanged) {
    goOnUnder(config, state);
    reorder.goBy(orderUnder(now.id));
  }
  const isKept = shelf.settings.has(now.id);
  const shown = deps.shownConfig(config);
  return new Partition(deps, {
    ...from,
    progress: {
      ...known,
      settings: progress.settings ?? now.id,
      forced: history.isChanged ? [...progress.forced, { ...committed.offsets, settings: now.id }] : progress.forced,
    },
    selections: shelf.selections,
    owed: [
      ...(isKept ? [] : [settingsRecord(owner, now)]),
      ...(sameConfig(shelf.config, shown) ? [] : [configRecord(owner, shown)]),
    ],
  });
}

/** What is told of shared counters; undefined: they are not shared. @param isKnown the application has a past here */
async function feedOf(
  deps: PartitionDeps,
  { transport, logger }: RestoreSources,
  { features: { shared: counters } }: StreamState,
  { shared }: Progress,
  isKnown: boolean,
): Promise<DeltaFeed | undefined> {
  if (!counters) return undefined;
  counters.isRepeating = true;
  // Of a time when they were not shared, or before a reset, nobody's counts are taken in.
  const from = shared?.from ?? (isKnown ? (await transport.endOffsets('counters'))[0]! : 0);
  const start = { from, lastNumber: shared?.lastNumber ?? 0 };
  return new DeltaFeed(transport, ownerOf(deps), counters, start, deps.clock, logger, deps.lease.signal);
}

/** Messages whose schema was not known when they were first read, where some of them may be read again. */
async function unknownIn(deps: PartitionDeps, progress: Progress, start: ReorderStart): Promise<UnknownBefore> {
  const after = progress.unknownBefore;
  const { impressions, interactions } = start.offsets;
  const mayDiffer = after !== undefined && (after.impressions > impressions || after.interactions > interactions);
  return (mayDiffer && (await deps.unknownBefore?.())) || NONE_UNKNOWN;
}

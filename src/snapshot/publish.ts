import { messageOf, SluiceError } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import type { ModelLoader } from '../ports/model.js';
import type { Transport } from '../ports/transport.js';
import { notCalibrated } from './calibration.js';
import { readCatalogue } from './catalogue.js';
import { nextSequence, retirableChunks, type SnapshotFold } from './fold.js';
import { EXTERNAL, type Evaluation, type SnapshotManifest } from './manifest.js';
import { pinned, promoted, rolledBack, type Author, type ChampionPointer } from './history.js';
import { championRecord, pack, retire, sealManifest, unpinRecord } from './pack.js';
import { unpack } from './unpack.js';

/** A model trained elsewhere. */
export interface BroughtModel {
  readonly onnx: Uint8Array;
  readonly featureSetId: string;
  /** Column names in the order the model expects. */
  readonly columns: readonly string[];
  readonly memberCount: number;
  /** Why it is published, for the manifest. */
  readonly reason?: string;
  /** Who publishes it, for the history. */
  readonly who?: string;
  /** Makes it champion at once. */
  readonly promote: boolean;
  readonly candidate?: Evaluation;
}

/**
 * Appends a sealed snapshot: chunks, manifest, then the pointer when it is to be champion. One record an append, so that
 * no record batch outgrows a broker's limit and each is durable before the next: a crash leaves no pointer to a torso.
 */
export async function appendSnapshot(
  transport: Pick<Transport, 'append'>,
  manifest: SnapshotManifest,
  onnx: Uint8Array,
  pointer?: ChampionPointer,
): Promise<void> {
  for (const record of pack(manifest, onnx, pointer)) await transport.append([record]);
}

/** Removes the bytes of versions beyond the newest `keepCount`; never those of the champion or the one before it. */
export async function retireSnapshots(
  transport: Pick<Transport, 'append'>,
  state: SnapshotFold,
  keepCount: number,
): Promise<void> {
  const records = retire(retirableChunks(state, keepCount));
  if (records.length > 0) await transport.append(records);
}

/**
 * Publishes a model trained elsewhere and, when asked, makes it champion. With a loader it is loaded first, so that a
 * file that no follower could load is refused here, before anyone sees it. Returns its manifest.
 */
export async function publishSnapshot(
  deps: {
    readonly transport: Pick<Transport, 'append' | 'reader'>;
    readonly clock: Clock;
    readonly loader?: ModelLoader;
  },
  brought: BroughtModel,
): Promise<SnapshotManifest> {
  const state = await readCatalogue(deps.transport);
  const champion = state.pointer?.version ?? null;
  const createdAtMs = deps.clock.nowMs();
  const manifest = sealManifest(
    {
      createdAtMs,
      featureSetId: brought.featureSetId,
      columns: brought.columns,
      learner: EXTERNAL,
      memberCount: brought.memberCount,
      trainedOn: { rows: 0, positives: 0, sumOfWeights: 0, seen: null, untilOffsets: { training: [], audit: [] } },
      gain: [],
      fitMs: 0,
      calibration: notCalibrated('trained elsewhere'),
      metrics: { candidate: brought.candidate ?? null, champion: null },
      parent: champion,
      decision: {
        outcome: 'manual',
        reason: brought.reason ?? 'published by an operator',
        sampleCount: 0,
        meanGain: null,
        lowerBound: null,
        upperBound: null,
      },
    },
    brought.onnx,
    nextSequence(state),
  );
  if (deps.loader !== undefined)
    await proveLoadable({ loader: deps.loader, clock: deps.clock }, manifest, brought.onnx);
  if (brought.promote) refuseWhilePinned(state);
  const author = authorOf(deps.clock, { who: brought.who ?? null, why: brought.reason ?? 'published by an operator' });
  const pointer = promoted(state.pointer, manifest.version, author);
  await appendSnapshot(deps.transport, manifest, brought.onnx, brought.promote ? pointer : undefined);
  return manifest;
}

/** What a change of the champion needs. */
export interface ChangeDeps {
  readonly transport: Pick<Transport, 'append' | 'reader'>;
  readonly clock: Clock;
}

/** Who changes the champion, and why; both stand in its history. */
export interface Reasons {
  readonly who: string | null;
  readonly why: string;
}

/**
 * Makes a published version champion, after verifying that it is complete and of this feature set.
 * Throws `snapshot-unknown`, or `snapshot-refused`, also while a champion is pinned; the champion then stays.
 */
export async function promoteSnapshot(
  deps: ChangeDeps,
  version: string,
  featureSetId: string,
  reasons: Reasons = { who: null, why: 'promoted by an operator' },
): Promise<SnapshotManifest> {
  return moveChampion(deps, featureSetId, (state) => {
    refuseWhilePinned(state);
    return promoted(state.pointer, version, authorOf(deps.clock, reasons));
  });
}

/**
 * Makes the champion before the present one champion again, along the line: going back twice goes back two. A pin stays.
 * Throws `snapshot-unknown` when there is none, `snapshot-refused` when its bytes are gone.
 */
export async function rollBackSnapshot(
  deps: ChangeDeps,
  featureSetId: string,
  reasons: Reasons = { who: null, why: 'rolled back by an operator' },
): Promise<SnapshotManifest> {
  return moveChampion(deps, featureSetId, (state) => rolledBack(state.pointer, authorOf(deps.clock, reasons)));
}

/** Pins the present champion, or lets go of it. No fit takes the place of a pinned one. Throws `snapshot-unknown` without a champion. */
export async function pinChampion(deps: ChangeDeps, isPinned: boolean, reasons: Reasons): Promise<string> {
  const { pointer } = await readCatalogue(deps.transport);
  const next = pinned(pointer, isPinned, authorOf(deps.clock, reasons));
  await deps.transport.append([championRecord(next)]);
  if (!isPinned) await deps.transport.append([unpinRecord()]);
  return next.version;
}

async function moveChampion(
  deps: ChangeDeps,
  featureSetId: string,
  move: (state: SnapshotFold) => ChampionPointer,
): Promise<SnapshotManifest> {
  const state = await readCatalogue(deps.transport);
  const next = move(state);
  const { manifest } = unpack(state, next.version, featureSetId);
  await deps.transport.append([championRecord(next)]);
  return manifest;
}

function authorOf(clock: Clock, { who, why }: Reasons): Author {
  return { by: 'operator', who, why, atMs: clock.nowMs() };
}

function refuseWhilePinned({ pointer }: SnapshotFold): void {
  if (pointer?.isPinned)
    throw new SluiceError('snapshot-refused', {
      version: pointer.version,
      why: 'it is pinned, so that nothing takes its place: `sluice snapshot unpin` lets go of it',
    });
}

/** Rows that a brought model scores before anyone sees it: zeros, ones, large values of either sign, missing values. */
const PROBES = [0, 1, 1e6, -1e6, Number.NaN];
/** Rows of the timed run, and the longest that one may take on average: five times what the stream spends on a row besides. */
const TIMED_ROWS = 1_000;
const MOST_MS_A_ROW = 0.2;

/**
 * Throws `snapshot-refused` for a model of another width or committee, one that fails on a row, answers something that is
 * not a probability, or takes too long.
 */
async function proveLoadable(
  { loader, clock }: { readonly loader: ModelLoader; readonly clock: Clock },
  manifest: SnapshotManifest,
  onnx: Uint8Array,
): Promise<void> {
  const { version, featureSetId, columns } = manifest;
  const refuse = (why: string) => new SluiceError('snapshot-refused', { version, why });
  const model = await loader.load(onnx, version, featureSetId);
  try {
    const { memberCount, columnCount = columns.length } = model;
    if (memberCount !== manifest.memberCount)
      throw refuse(`it has ${memberCount} members where ${manifest.memberCount} were declared`);
    if (columnCount !== columns.length)
      throw refuse(`it takes ${columnCount} columns, the feature set has ${columns.length}`);
    const rows = Float32Array.from(
      { length: TIMED_ROWS * columnCount },
      (_, at) => PROBES[Math.floor(at / columnCount) % PROBES.length]!,
    );
    const startedMs = clock.monotonicMs();
    const { probability, members } = await model.predict(rows, TIMED_ROWS);
    const msARow = (clock.monotonicMs() - startedMs) / TIMED_ROWS;
    const odd = [...probability, ...members].find((value) => !(value >= 0 && value <= 1));
    if (odd !== undefined) throw refuse(`it predicts ${odd}, which is not a probability`);
    if (msARow > MOST_MS_A_ROW)
      throw refuse(`it takes ${msARow.toFixed(2)} ms a row, at most ${MOST_MS_A_ROW} are allowed`);
  } catch (thrown) {
    throw thrown instanceof SluiceError ? thrown : refuse(`it cannot score a row: ${messageOf(thrown)}`);
  } finally {
    await model.close();
  }
}

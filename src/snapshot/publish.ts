import { SluiceError } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import type { Transport } from '../ports/transport.js';
import { notCalibrated } from './calibration.js';
import { readCatalogue } from './catalogue.js';
import { nextSequence, retirableChunks, type SnapshotFold } from './fold.js';
import { EXTERNAL, type Decision, type Provenance, type SelfTest, type SnapshotManifest } from './manifest.js';
import { pinned, promoted, rolledBack, type Author, type ChampionPointer } from './history.js';
import { checkAliasName } from './aliases.js';
import { aliasRecord, championRecord, pack, retire, sealManifest, unpinRecord } from './pack.js';
import type { Keyring } from './signature.js';
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
  readonly who?: string | null;
  /** Makes it champion at once. */
  readonly promote: boolean;
  /** What it was judged to be; absent: nobody judged it. */
  readonly judged?: {
    readonly decision: Decision;
    readonly metrics: SnapshotManifest['metrics'];
  };
  readonly provenance?: Provenance | undefined;
  readonly selfTest?: SelfTest | undefined;
}

/**
 * Publishes a sealed snapshot as a whole or not at all: chunks, manifest, then the pointer when it is to be champion. In
 * that order, so that where a broker has no transactions a crash leaves no pointer to a torso.
 */
export async function appendSnapshot(
  transport: Pick<Transport, 'publish'>,
  manifest: SnapshotManifest,
  onnx: Uint8Array,
  pointer?: ChampionPointer,
  keyring?: Keyring,
): Promise<void> {
  await transport.publish(pack(manifest, onnx, pointer, keyring));
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
 * Publishes a model trained elsewhere and, when asked, makes it champion. It is neither tried out nor judged here.
 * Throws `snapshot-refused` for one to be champion while another is pinned. Returns its manifest.
 */
export async function publishSnapshot(deps: ChangeDeps, brought: BroughtModel): Promise<SnapshotManifest> {
  const state = await readCatalogue(deps.transport);
  const { onnx } = brought;
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
      metrics: brought.judged?.metrics ?? { candidate: null, champion: null },
      parent: champion,
      provenance: brought.provenance ?? null,
      selfTest: brought.selfTest ?? null,
      decision: brought.judged?.decision ?? {
        outcome: 'manual',
        reason: brought.reason ?? 'published by an operator',
        sampleCount: 0,
        meanGain: null,
        lowerBound: null,
        upperBound: null,
      },
    },
    onnx,
    nextSequence(state),
  );
  if (brought.promote) refuseWhilePinned(state);
  const author = authorOf(deps.clock, { who: brought.who ?? null, why: brought.reason ?? 'published by an operator' });
  const pointer = promoted(state.pointer, manifest.version, author);
  await appendSnapshot(deps.transport, manifest, onnx, brought.promote ? pointer : undefined, deps.keyring);
  return manifest;
}

/** What a change of the champion needs. */
export interface ChangeDeps {
  readonly transport: Pick<Transport, 'publish' | 'reader'>;
  readonly clock: Clock;
  /** Signs what is published, and says what may be promoted. */
  readonly keyring?: Keyring | undefined;
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
  await deps.transport.publish(isPinned ? [championRecord(next)] : [championRecord(next), unpinRecord()]);
  return next.version;
}

/** Gives a version a name of one's own, or takes the name back (null). Throws `alias-invalid`, `snapshot-unknown`. */
export async function nameSnapshot(
  deps: ChangeDeps,
  name: string,
  version: string | null,
  { who, why }: Reasons,
): Promise<void> {
  checkAliasName(name);
  const state = await readCatalogue(deps.transport);
  if (version === null ? !state.aliases.has(name) : !state.manifests.has(version))
    throw new SluiceError('snapshot-unknown', { version: version ?? name });
  const alias = version === null ? null : { version, atMs: deps.clock.nowMs(), who, why };
  await deps.transport.publish([aliasRecord(name, alias)]);
}

async function moveChampion(
  deps: ChangeDeps,
  featureSetId: string,
  move: (state: SnapshotFold) => ChampionPointer,
): Promise<SnapshotManifest> {
  const state = await readCatalogue(deps.transport);
  const next = move(state);
  const { manifest } = unpack(state, next.version, featureSetId, deps.keyring);
  await deps.transport.publish([championRecord(next)]);
  return manifest;
}

function authorOf(clock: Clock, { who, why }: Reasons): Author {
  return { by: 'operator', who, why, atMs: clock.nowMs() };
}

/** Throws `snapshot-refused` while a champion is pinned. */
export function refuseWhilePinned({ pointer }: SnapshotFold): void {
  if (pointer?.isPinned)
    throw new SluiceError('snapshot-refused', {
      version: pointer.version,
      why: 'it is pinned, so that nothing takes its place: `sluice snapshot unpin` lets go of it',
    });
}

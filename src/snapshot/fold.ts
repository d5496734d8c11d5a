import { SluiceError, messageOf } from '../errors.js';
import type { ReadRecord } from '../ports/transport.js';
import { parseAlias, type SnapshotAlias } from './alias-record.js';
import { SIGNATURE_HEADER, type SignedBytes } from './signature.js';
import { parsePointer, type ChampionPointer } from './history.js';
import { parseSnapshotKey, sortedVersions } from './keys.js';
import { parseManifest, sequenceOf, type SnapshotManifest } from './manifest.js';

/** A pointer as read; `offset` tells two records with the same value apart. */
export type FoldedPointer = ChampionPointer & { readonly offset: number };

/** The snapshots topic as read so far. */
export interface SnapshotFold {
  readonly manifests: Map<string, SnapshotManifest>;
  /** Chunks by version and index. null: on the topic, but its bytes were let go here ({@link letGoOfBytes}). */
  readonly chunks: Map<string, Map<number, Uint8Array | null>>;
  /** Manifests that carry a signature, as they stand on the topic, by version. */
  readonly signed: Map<string, SignedBytes>;
  /** Aliases of one's own, by name. */
  readonly aliases: Map<string, SnapshotAlias>;
  /** Versions whose manifest could not be read, and why. */
  readonly unreadable: Map<string, SluiceError>;
  /** What scores: the pin where there is one, else the newest pointer; undefined before the first. */
  pointer: FoldedPointer | undefined;
  /** The two records behind it. A pin has a record of its own, so that no pointer can take its place on a compacted topic. */
  readonly pointers: { champion: FoldedPointer | undefined; pin: FoldedPointer | undefined };
}

/** The state before the first record. */
export function emptyFold(): SnapshotFold {
  return {
    manifests: new Map(),
    chunks: new Map(),
    unreadable: new Map(),
    signed: new Map(),
    aliases: new Map(),
    pointer: undefined,
    pointers: { champion: undefined, pin: undefined },
  };
}

/**
 * Folds the next records of the topic into the state, in place. Reading a record twice changes nothing. Foreign keys are
 * passed over; an unreadable manifest or pointer never throws, it is refused when asked for.
 */
export function foldSnapshots(state: SnapshotFold, records: readonly ReadRecord[]): void {
  for (const record of records) foldRecord(state, record);
}

function foldRecord(state: SnapshotFold, record: ReadRecord): void {
  const key = parseSnapshotKey(record.key);
  switch (key?.kind) {
    case 'champion':
    case 'pin':
      foldPointer(state, key.kind, record);
      return;
    case 'alias':
      foldAlias(state, key.name, record.value);
      return;
    case 'manifest':
      foldManifest(state, key.version, record);
      return;
    case 'chunk':
      foldChunk(state, key.version, key.index, record.value);
      return;
    case undefined:
      return;
  }
}

function foldPointer(state: SnapshotFold, kind: 'champion' | 'pin', { value, offset }: ReadRecord): void {
  const { pointers } = state;
  if (value !== null) pointers[kind] = { ...parsePointer(new TextDecoder().decode(value)), offset };
  // A tombstone names no other champion, so the present one stays; that of a pin lets go of it.
  else if (kind === 'pin') pointers.pin = undefined;
  state.pointer = pointers.pin ?? pointers.champion;
}

function foldAlias(state: SnapshotFold, name: string, value: Uint8Array | null): void {
  const alias = value === null ? undefined : parseAlias(value);
  if (alias) state.aliases.set(name, alias);
  else state.aliases.delete(name);
}

function foldManifest(state: SnapshotFold, version: string, { value, headers }: ReadRecord): void {
  state.manifests.delete(version);
  state.unreadable.delete(version);
  state.signed.delete(version);
  if (value === null) return;
  const signature = headers[SIGNATURE_HEADER];
  if (signature !== undefined) state.signed.set(version, { bytes: value, signature });
  try {
    state.manifests.set(version, parseManifest(version, value));
  } catch (thrown) {
    state.unreadable.set(
      version,
      thrown instanceof SluiceError ? thrown : new SluiceError('snapshot-refused', { version, why: messageOf(thrown) }),
    );
  }
}

function foldChunk(state: SnapshotFold, version: string, index: number, value: Uint8Array | null): void {
  const chunks = state.chunks.get(version) ?? new Map<number, Uint8Array | null>();
  if (value === null) chunks.delete(index);
  else chunks.set(index, value);
  if (chunks.size === 0) state.chunks.delete(version);
  else state.chunks.set(version, chunks);
}

/** Manifests, oldest first. */
export function manifestsOf(state: SnapshotFold): SnapshotManifest[] {
  return sortedVersions(state.manifests.keys()).map((version) => state.manifests.get(version)!);
}

/** The sequence number of the next snapshot: one more than any version that left a trace, chunks of a broken-off publication included. */
export function nextSequence(state: SnapshotFold): number {
  const versions = [...state.manifests.keys(), ...state.chunks.keys(), ...state.unreadable.keys()];
  return versions.reduce((highest, version) => Math.max(highest, sequenceOf(version)), 0) + 1;
}

/**
 * Lets go of the bytes of all versions but the newest `keepCount` and the champion, so that a long-lived reader holds a
 * few models and not the whole topic. What was let go is read again from the topic when a roll-back asks for it.
 */
export function letGoOfBytes(state: SnapshotFold, keepCount: number): void {
  const versions = sortedVersions(state.chunks.keys());
  for (const version of versions.slice(0, Math.max(0, versions.length - keepCount))) {
    if (version === state.pointer?.version) continue;
    const chunks = state.chunks.get(version)!;
    for (const index of chunks.keys()) chunks.set(index, null);
  }
}

/** Chunk indexes of versions beyond the newest `keepCount`, except the champion, the one before it, and those with an alias. */
export function retirableChunks(state: SnapshotFold, keepCount: number): ReadonlyMap<string, readonly number[]> {
  const newest = nextSequence(state) - 1;
  const named = new Set([...state.aliases.values()].map(({ version }) => version));
  return new Map(
    [...state.chunks]
      .filter(([version]) => sequenceOf(version) > 0 && sequenceOf(version) <= newest - keepCount)
      .filter(([version]) => version !== state.pointer?.version && version !== state.pointer?.previous)
      .filter(([version]) => !named.has(version))
      .map(([version, chunks]) => [version, [...chunks.keys()]] as const),
  );
}

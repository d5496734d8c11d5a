import { createHash } from 'node:crypto';
import type { NewRecord } from '../ports/transport.js';
import type { ChampionPointer } from './history.js';
import type { SnapshotAlias } from './alias-record.js';
import { aliasKey, CHAMPION_KEY, chunkKey, manifestKey, PIN_KEY } from './keys.js';
import { SIGNATURE_HEADER, type Keyring } from './signature.js';
import { snapshotVersion, type SnapshotManifest } from './manifest.js';

/** Longest chunk: a record batch with one of them stays under Kafka's default limit of 1 MiB (`message.max.bytes`). */
export const CHUNK_BYTES = 900_000;

/** A manifest before its bytes are known. */
export type SnapshotDraft = Omit<SnapshotManifest, 'version' | 'bytes' | 'sha256' | 'chunkCount' | 'chunkBytes'>;

/** SHA-256, hex. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Completes a draft with version, length, checksum and chunk layout of its bytes. `sequence` counts from 1. */
export function sealManifest(
  draft: SnapshotDraft,
  onnx: Uint8Array,
  sequence: number,
  chunkBytes = CHUNK_BYTES,
): SnapshotManifest {
  const sha256 = sha256Of(onnx);
  return {
    version: snapshotVersion(sequence, sha256),
    ...draft,
    bytes: onnx.byteLength,
    sha256,
    chunkCount: Math.ceil(onnx.byteLength / chunkBytes),
    chunkBytes,
  };
}

/**
 * Lays a snapshot out as records of the snapshots topic: chunks, manifest and, when given, the pointer that makes it
 * champion; signed by a keyring that can. In that order, all to partition 0, so that a reader never sees a pointer to something incomplete.
 */
export function pack(
  manifest: SnapshotManifest,
  onnx: Uint8Array,
  pointer?: ChampionPointer,
  keyring?: Keyring,
): NewRecord[] {
  const records: NewRecord[] = [];
  for (let index = 0; index < manifest.chunkCount; index++) {
    const from = index * manifest.chunkBytes;
    records.push(record(chunkKey(manifest.version, index), onnx.subarray(from, from + manifest.chunkBytes)));
  }
  const bytes = json(manifest);
  const described = record(manifestKey(manifest.version), bytes);
  records.push(keyring?.sign ? { ...described, headers: { [SIGNATURE_HEADER]: keyring.sign(bytes) } } : described);
  if (pointer !== undefined) records.push(championRecord(pointer));
  return records;
}

/** The record that makes a version champion; a pinned one has a key of its own, and holds until {@link unpinRecord}. */
export function championRecord(pointer: ChampionPointer): NewRecord {
  return record(pointer.isPinned ? PIN_KEY : CHAMPION_KEY, json(pointer));
}

/** The record that names a version by an alias of one's own; a tombstone for null. */
export function aliasRecord(name: string, alias: SnapshotAlias | null): NewRecord {
  return record(aliasKey(name), alias && json(alias));
}

/** The tombstone that lets go of a pinned champion; the champion's record must be written before. */
export function unpinRecord(): NewRecord {
  return record(PIN_KEY, null);
}

/**
 * Tombstones for the chunks of versions whose bytes nobody needs any more. Manifests stay: they are small, and samples
 * name their versions for ever.
 */
export function retire(chunkIndexes: ReadonlyMap<string, readonly number[]>): NewRecord[] {
  return [...chunkIndexes].flatMap(([version, indexes]) =>
    indexes.map((index) => record(chunkKey(version, index), null)),
  );
}

function record(key: string, value: Uint8Array | null): NewRecord {
  return { topic: 'snapshots', key: new TextEncoder().encode(key), value, partition: 0 };
}

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

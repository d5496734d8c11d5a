import { SluiceError } from '../errors.js';
import type { SnapshotFold } from './fold.js';
import type { SnapshotManifest } from './manifest.js';
import type { Keyring } from './signature.js';
import { sha256Of } from './pack.js';

/** A complete snapshot whose length and checksum were verified. */
export interface Snapshot {
  readonly manifest: SnapshotManifest;
  readonly onnx: Uint8Array;
}

/**
 * Puts a version together from what was read. Guarantees length, checksum and, when given, the feature set and the
 * signature by a trusted key.
 * Throws `snapshot-unknown` when the topic has no trace of the version, `snapshot-refused` when it has one that does not hold.
 */
export function unpack(state: SnapshotFold, version: string, featureSetId?: string, keyring?: Keyring): Snapshot {
  const refuse = (why: string) => new SluiceError('snapshot-refused', { version, why });
  const unreadable = state.unreadable.get(version);
  if (unreadable !== undefined) throw unreadable;
  const manifest = state.manifests.get(version);
  if (manifest === undefined)
    throw state.chunks.has(version) ? refuse('it has no manifest') : new SluiceError('snapshot-unknown', { version });
  const signed = state.signed.get(version);
  if (keyring && !signed) throw refuse('it is not signed, and this instance trusts signed snapshots only');
  if (keyring && !keyring.isTrusted(signed!))
    throw refuse('its signature is by none of the keys of retrain.trustedKeyFiles, or of another manifest');
  if (featureSetId !== undefined && manifest.featureSetId !== featureSetId)
    throw refuse(`it was fitted on feature set ${manifest.featureSetId}, this configuration computes ${featureSetId}`);
  const onnx = joined(state, manifest, refuse);
  if (sha256Of(onnx) !== manifest.sha256) throw refuse(`its SHA-256 is not ${manifest.sha256}`);
  return { manifest, onnx };
}

/** True when all chunks of a version are on the topic but some were let go of here. */
export function wasLetGo(state: SnapshotFold, version: string): boolean {
  return [...(state.chunks.get(version)?.values() ?? [])].includes(null);
}

function joined(state: SnapshotFold, manifest: SnapshotManifest, refuse: (why: string) => SluiceError): Uint8Array {
  const chunks = state.chunks.get(manifest.version);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (let index = 0; index < manifest.chunkCount; index++) {
    const chunk = chunks?.get(index);
    if (!chunk) throw refuse(`chunk ${index} of ${manifest.chunkCount} is missing`);
    parts.push(chunk);
    bytes += chunk.byteLength;
  }
  if (bytes !== manifest.bytes) throw refuse(`it has ${bytes} bytes where its manifest says ${manifest.bytes}`);
  const onnx = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    onnx.set(part, at);
    at += part.byteLength;
  }
  return onnx;
}

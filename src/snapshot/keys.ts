import { compareVersions } from './manifest.js';

/** Key of the record that points to the champion. */
export const CHAMPION_KEY = 'champion';
/** Key of the record that points to a pinned champion. */
export const PIN_KEY = 'pin';

/** What a record of the snapshots topic is about, by its key. */
export type SnapshotKey =
  | { readonly kind: 'champion' | 'pin' }
  | { readonly kind: 'alias'; readonly name: string }
  | { readonly kind: 'manifest'; readonly version: string }
  | { readonly kind: 'chunk'; readonly version: string; readonly index: number };

/** Key of a version's manifest. */
export function manifestKey(version: string): string {
  return `manifest/${version}`;
}

/** Key of a version's chunk, `index` from 0. */
export function chunkKey(version: string, index: number): string {
  return `chunk/${version}/${index}`;
}

/** Key of an alias of one's own. */
export function aliasKey(name: string): string {
  return `alias/${name}`;
}

/** Reads a record key; undefined for a key that is none of ours. */
export function parseSnapshotKey(key: Uint8Array | null): SnapshotKey | undefined {
  if (key === null) return undefined;
  const parts = new TextDecoder().decode(key).split('/');
  const [kind, version, index] = parts;
  if ((kind === CHAMPION_KEY || kind === PIN_KEY) && parts.length === 1) return { kind };
  if (kind === 'alias' && version && parts.length === 2) return { kind, name: version };
  if (kind === 'manifest' && version !== undefined && parts.length === 2) return { kind, version };
  if (kind === 'chunk' && version !== undefined && index !== undefined && /^\d+$/.test(index) && parts.length === 3)
    return { kind, version, index: Number(index) };
  return undefined;
}

/** Sorts versions oldest first. */
export function sortedVersions(versions: Iterable<string>): string[] {
  return [...versions].sort(compareVersions);
}

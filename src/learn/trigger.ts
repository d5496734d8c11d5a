import type { Config } from '../config/schema.js';
import type { SnapshotManifest } from '../snapshot/manifest.js';

export type TriggerReason = 'samples' | 'time' | 'drift';

/** When the last fit was tried. */
export interface LastFit {
  /** Samples seen by the application at that time. */
  readonly seen: number;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

/** What triggers look at. */
export interface TriggerView {
  readonly retrain: Pick<Config['retrain'], 'everySamples' | 'everyMs' | 'onDrift'>;
  readonly last: LastFit;
  readonly seen: number;
  readonly nowMs: number;
  /** The champion's log loss has risen since the last fit. */
  readonly drifted: boolean;
}

/** The first trigger that is due; undefined when none is. Never one without a sample since the last fit. */
export function dueTrigger({ retrain, last, seen, nowMs, drifted }: TriggerView): TriggerReason | undefined {
  if (seen === last.seen) return undefined;
  // A count far below the last fit's is that of an application that was reset while its snapshots stayed.
  if (Math.abs(seen - last.seen) >= retrain.everySamples) return 'samples';
  if (retrain.everyMs > 0 && nowMs - last.atMs >= retrain.everyMs) return 'time';
  return drifted && retrain.onDrift ? 'drift' : undefined;
}

/**
 * The newer of the last fit that was published (it survives restarts in its manifest) and the last that this process
 * tried, whatever came of it; before both, no samples at the time the process began.
 */
export function lastFit(
  manifests: readonly SnapshotManifest[],
  tried: LastFit | undefined,
  beganAtMs: number,
): LastFit {
  const published = lastPublished(manifests);
  if (published === undefined) return tried ?? { seen: 0, atMs: beganAtMs };
  if (tried !== undefined && tried.atMs > published.createdAtMs) return tried;
  return { seen: published.trainedOn.seen ?? 0, atMs: published.createdAtMs };
}

/** The last of our own fits that was published, promoted or not. */
export function lastPublished(manifests: readonly SnapshotManifest[]): SnapshotManifest | undefined {
  return manifests.findLast(({ trainedOn }) => trainedOn.seen !== null);
}

/** Fits before the first full interval: a champion that has seen a little beats none. */
const EARLY_FITS = 3;

/**
 * Samples seen at which the next fit is due. The first ones come sooner, at an eighth, a quarter and a half of the interval:
 * until the first champion importance rests on counted rates alone.
 */
export function nextFitAt(lastFitSeen: number, everySamples: number): number {
  const first = Math.ceil(everySamples / 2 ** EARLY_FITS);
  return Math.max(first, Math.min(lastFitSeen * 2, lastFitSeen + everySamples));
}

/** Samples seen at which to try again where there was too little to fit: soon, instead of a whole interval later. */
export function retryFitAt(triedSeen: number, everySamples: number): number {
  return triedSeen + Math.ceil(everySamples / 2 ** EARLY_FITS);
}

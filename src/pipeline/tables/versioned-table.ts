/** What a row said from a time on. */
export interface Version {
  /** The time that it gives itself, epoch ms; −Infinity: it always was. */
  readonly timeMs: number;
  /** The first time of an impression that may find it; not before {@link timeMs}. */
  readonly fromMs: number;
  /** When and where it was written: of two with one time, the one written last counts. */
  readonly writtenMs: number;
  readonly partition: number;
  readonly offset: number;
  /** Values of the fields that are used, in their order; null: the row is gone. */
  readonly row: Row | null;
}

export type Row = readonly unknown[];

/**
 * Rows by key, each as it was at any time. What a look-up finds depends on the versions that were put, not on the order in
 * which they were, so whoever has read the same ones finds the same.
 */
export class VersionedTable {
  /** Versions held, of all keys. */
  versionCount = 0;
  /** Look-ups before this time may miss what {@link prune} dropped. */
  prunedToMs = -Infinity;
  /** Versions of a key, the newest last. */
  private readonly versions = new Map<string, Version[]>();

  /** Adds a version; one that is there already changes nothing. */
  put(key: string, version: Version): void {
    const known = this.versions.get(key);
    if (known === undefined) {
      this.versions.set(key, [version]);
      this.versionCount++;
      return;
    }
    let at = known.length;
    while (at > 0 && isBefore(version, known[at - 1]!)) at--;
    const before = known[at - 1];
    if (before !== undefined && !isBefore(before, version)) return;
    known.splice(at, 0, version);
    this.versionCount++;
  }

  /** The newest row of a key that an impression of a time may find; undefined: there is none, or it was gone. */
  at(key: string, timeMs: number): Row | undefined {
    const known = this.versions.get(key);
    if (known === undefined) return undefined;
    for (let at = known.length - 1; at >= 0; at--) {
      const version = known[at]!;
      if (version.fromMs <= timeMs) return version.row ?? undefined;
    }
    return undefined;
  }

  /** Drops what no look-up from a time on can find. */
  prune(fromMs: number): void {
    if (fromMs <= this.prunedToMs) return;
    this.prunedToMs = fromMs;
    for (const [key, known] of this.versions) {
      let newest = known.length - 1;
      while (newest >= 0 && known[newest]!.fromMs > fromMs) newest--;
      // A row that is gone is found as one that never was.
      const dropped = newest < 0 ? 0 : known[newest]!.row === null ? newest + 1 : newest;
      if (dropped === 0) continue;
      this.versionCount -= dropped;
      if (dropped === known.length) this.versions.delete(key);
      else known.splice(0, dropped);
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.versions.clear();
    this.versionCount = 0;
    this.prunedToMs = -Infinity;
  }
}

function isBefore(left: Version, right: Version): boolean {
  if (left.timeMs !== right.timeMs) return left.timeMs < right.timeMs;
  if (left.writtenMs !== right.writtenMs) return left.writtenMs < right.writtenMs;
  if (left.partition !== right.partition) return left.partition < right.partition;
  return left.offset < right.offset;
}

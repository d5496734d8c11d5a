/** A name that an operator gave a version. */
export interface SnapshotAlias {
  readonly version: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly who: string | null;
  readonly why: string;
}

/** Reads the value of an alias' record; undefined for one that is unreadable, which then names nothing. */
export function parseAlias(value: Uint8Array): SnapshotAlias | undefined {
  try {
    const parsed = JSON.parse(new TextDecoder().decode(value)) as Partial<SnapshotAlias> | null;
    if (typeof parsed?.version !== 'string') return undefined;
    const { version, atMs, who, why } = parsed;
    return { version, atMs: Number(atMs ?? 0), who: who ?? null, why: String(why ?? '') };
  } catch {
    return undefined;
  }
}

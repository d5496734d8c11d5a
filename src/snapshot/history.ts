import { SluiceError } from '../errors.js';

/** One change of the champion, or of what holds it. */
export interface ChampionChange {
  readonly action: 'promote' | 'rollback' | 'pin' | 'unpin';
  /** The champion from then on. */
  readonly version: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly by: 'learner' | 'operator';
  /** Who it was, as the command line knew them; null for the learner. */
  readonly who: string | null;
  /** Why, in a sentence. */
  readonly why: string;
}

/** Value of the champion's record: what scores now, what a roll-back goes to, and how it came about. */
export interface ChampionPointer {
  readonly version: string;
  /** What a roll-back goes to: the last of the line. */
  readonly previous: string | null;
  /** Champions before this one that nobody rolled back from, oldest first, at most {@link MOST_LINE}. The bytes of the newest retrain.keepSnapshots are on the topic. */
  readonly line: readonly string[];
  /** True: no fit and no promotion takes its place until it is unpinned. */
  readonly isPinned: boolean;
  /** Newest changes, oldest first, at most {@link MOST_CHANGES}. */
  readonly changes: readonly ChampionChange[];
  /** Epoch milliseconds. */
  readonly setAtMs: number;
  readonly by: 'learner' | 'operator';
}

/** Champions that the record remembers as those to roll back to. */
const MOST_LINE = 10;
/** Changes that the record remembers: about 20 kB. */
const MOST_CHANGES = 100;

/** Who changes the champion, when, and why. */
export type Author = Pick<ChampionChange, 'by' | 'who' | 'why' | 'atMs'>;

/** Makes a version champion; the present one becomes what a roll-back goes to. The pin stays as it is. */
export function promoted(present: ChampionPointer | undefined, version: string, author: Author): ChampionPointer {
  const line = present && present.version !== version ? [...present.line, present.version] : (present?.line ?? []);
  return changed(present, 'promote', version, line, author);
}

/**
 * Goes one champion back along the line. What was rolled back from is on the line no more, so that going back again goes
 * further back. Throws `snapshot-unknown` before the first.
 */
export function rolledBack(present: ChampionPointer | undefined, author: Author): ChampionPointer {
  const version = present?.line.at(-1);
  if (version === undefined) throw new SluiceError('snapshot-unknown', { version: 'before the first' });
  return changed(present, 'rollback', version, present!.line.slice(0, -1), author);
}

/** Holds the champion until it is unpinned, or lets go of it. Throws `snapshot-unknown` without a champion. */
export function pinned(present: ChampionPointer | undefined, isPinned: boolean, author: Author): ChampionPointer {
  if (!present) throw new SluiceError('snapshot-unknown', { version: 'champion' });
  return { ...changed(present, isPinned ? 'pin' : 'unpin', present.version, present.line, author), isPinned };
}

function changed(
  present: ChampionPointer | undefined,
  action: ChampionChange['action'],
  version: string,
  line: readonly string[],
  { atMs, by, who, why }: Author,
): ChampionPointer {
  const kept = line.filter((one) => one !== version).slice(-MOST_LINE);
  return {
    version,
    previous: kept.at(-1) ?? null,
    line: kept,
    isPinned: present?.isPinned ?? false,
    changes: [...(present?.changes ?? []), { action, version, atMs, by, who, why }].slice(-MOST_CHANGES),
    setAtMs: atMs,
    by,
  };
}

/** Reads a pointer from its text. An unreadable one points to a version nobody has, so that it is refused where versions are looked up. */
export function parsePointer(text: string): ChampionPointer {
  let parsed: Partial<ChampionPointer> | null = null;
  try {
    parsed = JSON.parse(text) as Partial<ChampionPointer> | null;
  } catch {
    // The text itself is the best name there is for it.
  }
  const isReadable = typeof parsed?.version === 'string';
  const previous = isReadable && typeof parsed!.previous === 'string' ? parsed!.previous : null;
  const line = isReadable && Array.isArray(parsed!.line) ? parsed!.line.filter((one) => typeof one === 'string') : null;
  return {
    version: isReadable ? parsed!.version! : text.slice(0, 100),
    previous,
    line: line ?? (previous === null ? [] : [previous]),
    isPinned: isReadable && parsed!.isPinned === true,
    changes: isReadable && Array.isArray(parsed!.changes) ? parsed!.changes : [],
    setAtMs: isReadable ? Number(parsed!.setAtMs ?? 0) : 0,
    by: isReadable && parsed!.by === 'learner' ? 'learner' : 'operator',
  };
}

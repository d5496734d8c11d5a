import type { InteractionType } from '../../events/words.js';
import { float64Of, type CapturedColumns } from '../state/captured.js';
import type { Key } from '../state/keys.js';
import { LinesCapture, linesOf } from '../state/lines-capture.js';
import type { CapturedPart } from './family.js';

/** One thing that somebody did, or was shown. */
export interface TrailItem {
  readonly itemId: string;
  readonly timeMs: number;
  /** null: it was shown. */
  readonly type: InteractionType | null;
}

/** The last items of somebody, the oldest first. Nothing changes one: what comes after makes another. */
export interface Trail {
  readonly acted: readonly TrailItem[];
  readonly shown: readonly TrailItem[];
}

export type TrailKind = keyof Trail;

/**
 * The last items of every session, or of every user. Bounded: those that something was added to longest ago go first. What is
 * remembered depends on the sequence of calls alone.
 */
export class Trails implements CapturedPart {
  readonly names = ['keys', 'trails'];
  private readonly byKey = new Map<Key, Trail>();

  constructor(
    /** Items of each kind that are remembered; 0: none. */
    readonly lengths: Readonly<Record<TrailKind, number>>,
    private readonly maxEntries: number,
  ) {}

  get size(): number {
    return this.byKey.size;
  }

  of(key: Key): Trail {
    return this.byKey.get(key) ?? NOTHING;
  }

  /** Adds items to somebody's, the newest last. */
  add(key: Key, kind: TrailKind, items: readonly TrailItem[]): void {
    const length = this.lengths[kind];
    if (length === 0) return;
    const trail = this.of(key);
    this.byKey.delete(key);
    this.byKey.set(key, { ...trail, [kind]: lastOf([...trail[kind], ...items], length) });
    this.evict();
  }

  capture(): CapturedColumns {
    return this.beginCapture().whole;
  }

  /** Those that were added to longest ago first. */
  beginCapture(): LinesCapture<Trail> {
    return new LinesCapture('trails', { keys: Float64Array.from(this.byKey.keys()) }, [...this.byKey.values()], packed);
  }

  restore(captured: CapturedColumns): void {
    this.byKey.clear();
    const lines = linesOf(captured, 'trails');
    float64Of(captured, 'keys').forEach((key, at) => {
      const trail = unpacked(JSON.parse(lines[at]!) as Packed);
      const { acted, shown } = this.lengths;
      this.byKey.set(key, { acted: lastOf(trail.acted, acted), shown: lastOf(trail.shown, shown) });
    });
    this.evict();
  }

  private evict(): void {
    for (const key of this.byKey.keys()) {
      if (this.byKey.size <= this.maxEntries) break;
      this.byKey.delete(key);
    }
  }
}

type Packed = readonly [
  actedIds: readonly string[],
  actedMs: readonly number[],
  types: readonly (InteractionType | null)[],
  shownIds: readonly string[],
  shownMs: readonly number[],
];

function packed({ acted, shown }: Trail): Packed {
  return [
    acted.map(({ itemId }) => itemId),
    acted.map(({ timeMs }) => timeMs),
    acted.map(({ type }) => type),
    shown.map(({ itemId }) => itemId),
    shown.map(({ timeMs }) => timeMs),
  ];
}

function unpacked([actedIds, actedMs, types, shownIds, shownMs]: Packed): Trail {
  return {
    acted: actedIds.map((itemId, i) => ({ itemId, timeMs: actedMs[i]!, type: types[i]! })),
    shown: shownIds.map((itemId, i) => ({ itemId, timeMs: shownMs[i]!, type: null })),
  };
}

function lastOf<T>(items: readonly T[], length: number): readonly T[] {
  return items.length <= length ? items : items.slice(items.length - length);
}

const NOTHING: Trail = { acted: [], shown: [] };

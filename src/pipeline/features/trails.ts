import type { InteractionType } from '../../events/words.js';
import { float64Of, type CapturedColumns } from '../state/captured.js';
import type { Key } from '../state/keys.js';
import type { Copying } from '../state/table-capture.js';
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
    const capture = this.beginCapture();
    capture.copyOn(Infinity);
    const { keys, trails } = capture.columns;
    return { keys: keys![0]!, trails: Buffer.concat(trails as Uint8Array[]) };
  }

  /** Those that were added to longest ago first. */
  beginCapture(): TrailsCapture {
    return new TrailsCapture(Float64Array.from(this.byKey.keys()), [...this.byKey.values()]);
  }

  restore(captured: CapturedColumns): void {
    this.byKey.clear();
    const { trails } = captured;
    const lines = trails instanceof Uint8Array ? Buffer.from(trails).toString().split('\n') : [];
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

/** Trails as they were at one moment, written down a few at a time: a line of JSON each. */
class TrailsCapture implements Copying {
  readonly columns: Readonly<Record<string, readonly (Float64Array | Uint8Array)[]>>;
  private readonly parts: Uint8Array[] = [];
  private next = 0;

  constructor(
    keys: Float64Array,
    private readonly trails: readonly Trail[],
  ) {
    this.columns = { keys: [keys], trails: this.parts };
  }

  get isDone(): boolean {
    return this.next >= this.trails.length;
  }

  copyOn(bytes: number): void {
    for (let copied = 0; !this.isDone && copied < bytes;) {
      const some = this.trails.slice(this.next, this.next + TRAILS_A_PART);
      this.next += some.length;
      const part = Buffer.from(some.map((trail) => `${JSON.stringify(packed(trail))}\n`).join(''));
      this.parts.push(part);
      copied += part.length;
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
/** Some hundred kilobytes of lines. */
const TRAILS_A_PART = 256;

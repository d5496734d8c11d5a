import { gunzipSync, gzipSync } from 'node:zlib';
import type { KeyCounts } from './tally.js';

/** What a partition has counted in a stretch of event time, by table. */
export type TableCounts = Readonly<Record<string, KeyCounts>>;

/** A delta: what a partition counted between two times, and what it knew of the others when it went on. */
export interface Delta {
  readonly partition: number;
  /** Counted from 1, by partition. */
  readonly number: number;
  /** The stretch of event time, ms, in which it was counted: from here, and before `toMs`. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Begin of the stretch that the partition went on with. */
  readonly entersMs: number;
  /** The partition took in the deltas of the others before this offset as it went on; {@link NOTHING_SEEN}: it has yet to. */
  readonly seen: number;
}

export const NOTHING_SEEN = -1;

/** A delta that another partition has written, as it was read. */
export interface HeardDelta extends Pick<Delta, 'fromMs' | 'toMs'> {
  readonly offset: number;
  /** {@link packCounts}. */
  readonly packed: Uint8Array;
}

/** What a partition wrote when it went on: on a re-read it takes in the same deltas at the same place. */
export type Mark = Pick<Delta, 'number' | 'entersMs' | 'seen'>;

/** Keys a record at most: some hundred kilobytes, packed. */
const MOST_KEYS = 10_000;

/** Packs counts into as many parts as they need; one at least. */
export function packCounts(tables: TableCounts): readonly Uint8Array[] {
  const parts: Record<string, KeyCounts>[] = [];
  let room = 0;
  for (const [name, { keys, counts }] of Object.entries(tables)) {
    for (let from = 0; from < keys.length;) {
      if (room === 0) {
        parts.push({});
        room = MOST_KEYS;
      }
      const to = Math.min(keys.length, from + room);
      const some = Object.entries(counts).map(([what, column]) => [what, column.slice(from, to)] as const);
      parts.at(-1)![name] = { keys: keys.slice(from, to), counts: Object.fromEntries(some) };
      room -= to - from;
      from = to;
    }
  }
  return parts.length === 0 ? [NOTHING] : parts.map((part) => gzipSync(JSON.stringify(part)));
}

/** Counts that {@link packCounts} packed. */
export function unpackCounts(packed: Uint8Array): TableCounts {
  return packed.length === 0 ? {} : (JSON.parse(gunzipSync(packed).toString('utf8')) as TableCounts);
}

const NOTHING = new Uint8Array(0);

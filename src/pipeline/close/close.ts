import { labelOf, outcomeOfRank } from '../../events/strength.js';
import { SURFACES, type InteractionType } from '../../events/words.js';
import type { ShownList } from '../shown.js';
import type { Join } from '../join/join.js';
import type { ListVectors } from '../join/list-vectors.js';
import { RULE_BITS } from '../quality/rules.js';
import type { SampleFacts } from '../select/sample-facts.js';
import type { Key } from '../state/keys.js';

/** The list that an impression was shown in. */
export interface ClosedList {
  readonly shown: ShownList;
  readonly sessionKey: Key;
  /** Text vectors of its query and items, where samples carry them. */
  readonly vectors: ListVectors | undefined;
}

/**
 * Impressions whose outcome is final, whole, in the order they were shown; one entry each in every array. Lists are shared:
 * the impressions of one follow one another and refer to the same object.
 */
export interface ClosedBatch extends SampleFacts {
  readonly count: number;
  readonly columnCount: number;
  /** Key of the sample's id. */
  readonly samples: Float64Array;
  readonly labels: Uint8Array;
  /** Sum of the values of joined interactions. */
  readonly values: Float64Array;
  readonly flags: Uint8Array;
  readonly lists: readonly ClosedList[];
  /** Place in the list. */
  readonly places: Uint32Array;
  /** count × columnCount, row-major. */
  readonly rows: Float32Array;
}

/** Takes up to `most` closed impressions that have not been taken yet. Their rows are copied and given back. */
export function takeClosed(join: Join, goal: InteractionType, most: number): ClosedBatch {
  const { open } = join;
  const first = join.emittedBefore;
  const count = Math.max(0, Math.min(most, open.openFrom - first));
  const { columnCount } = open;
  const samples = new Float64Array(count);
  const labels = new Uint8Array(count);
  const values = new Float64Array(count);
  const rows = new Float32Array(count * columnCount);
  const ranks = new Int8Array(count);
  const surfaces = new Uint8Array(count);
  const timesMs = new Float64Array(count);
  const flags = new Uint8Array(count);
  const places = new Uint32Array(count);
  const categories = new Array<string | null>(count);
  const lists = new Array<ClosedList>(count);
  for (let i = 0; i < count;) {
    const { shown, sessionKey, firstImpression, sequence } = join.listOf(first + i);
    const list = { shown, sessionKey, vectors: join.vectorsOfList(sequence) };
    const surface = SURFACES.indexOf(shown.surface);
    const end = Math.min(count, firstImpression + shown.items.length - first);
    for (; i < end; i++) {
      const slot = open.slot(first + i);
      const place = first + i - firstImpression;
      samples[i] = open.impressionKey[slot]!;
      labels[i] = labelOf(outcomeOfRank(open.rank[slot]!), goal);
      values[i] = open.value[slot]!;
      ranks[i] = open.rank[slot]!;
      timesMs[i] = open.timeMs[slot]!;
      flags[i] = open.flags[slot]! & RULE_BITS;
      surfaces[i] = surface;
      categories[i] = shown.items[place]!.category;
      lists[i] = list;
      places[i] = place;
    }
  }
  open.rows.gather(first, count, rows);
  join.emittedBefore = first + count;
  open.rows.releaseBefore(join.emittedBefore);
  return {
    count,
    columnCount,
    samples,
    labels,
    values,
    rows,
    ranks,
    surfaces,
    timesMs,
    flags,
    places,
    categories,
    lists,
  };
}

/** Passes over closed impressions before a sequence number: they were emitted in an earlier life. */
export function passOver(join: Join, before: number): void {
  join.emittedBefore = Math.max(join.emittedBefore, Math.min(before, join.open.openFrom));
  join.open.rows.releaseBefore(join.emittedBefore);
}

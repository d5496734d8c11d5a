import { labelOf, outcomeOfRank } from '../../events/strength.js';
import { SURFACES, type InteractionType } from '../../events/words.js';
import type { Join } from '../join/join.js';
import type { OpenList } from '../join/open-impressions.js';
import { RULE_BITS } from '../quality/rules.js';
import type { SampleFacts } from '../select/sample-facts.js';

/** Impressions whose outcome is final, in the order they were shown; one entry each in every array. */
export interface ClosedBatch {
  /** Sequence number of the first; the others follow. */
  readonly first: number;
  readonly count: number;
  /** Key of the sample's id. */
  readonly samples: Float64Array;
  readonly labels: Uint8Array;
  /** count × columns, row-major. */
  readonly rows: Float32Array;
  /** What rules on surfaces, categories, outcomes and seconds go by. */
  readonly facts?: SampleFacts;
}

/** Takes up to `most` closed impressions that have not been taken yet. Their rows are copied and given back. */
export function takeClosed(join: Join, goal: InteractionType, most: number): ClosedBatch {
  const { open } = join;
  const first = join.emittedBefore;
  const count = Math.max(0, Math.min(most, open.openFrom - first));
  const samples = new Float64Array(count);
  const labels = new Uint8Array(count);
  const rows = new Float32Array(count * open.columnCount);
  const ranks = new Int8Array(count);
  const surfaces = new Uint8Array(count);
  const timesMs = new Float64Array(count);
  const flags = new Uint8Array(count);
  const categories = new Array<string | null>(count);
  /** The impressions of a list follow one another. */
  let list: OpenList | undefined;
  for (let i = 0; i < count; i++) {
    const slot = open.slot(first + i);
    samples[i] = open.impressionKey[slot]!;
    labels[i] = labelOf(outcomeOfRank(open.rank[slot]!), goal);
    ranks[i] = open.rank[slot]!;
    timesMs[i] = open.timeMs[slot]!;
    flags[i] = open.flags[slot]! & RULE_BITS;
    if (list?.sequence !== open.listSequence[slot]) list = join.listOf(first + i);
    surfaces[i] = SURFACES.indexOf(list!.shown.surface);
    categories[i] = list!.shown.items[first + i - list!.firstImpression]!.category;
  }
  open.rows.gather(first, count, rows);
  join.emittedBefore = first + count;
  open.rows.releaseBefore(join.emittedBefore);
  return { first, count, samples, labels, rows, facts: { surfaces, categories, ranks, timesMs, flags } };
}

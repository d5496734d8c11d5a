import { labelOf, outcomeOfRank } from '../../events/strength.js';
import type { InteractionType } from '../../events/words.js';
import type { Join } from '../join/join.js';

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
}

/** Takes up to `most` closed impressions that have not been taken yet. Their rows are copied and given back. */
export function takeClosed(join: Join, goal: InteractionType, most: number): ClosedBatch {
  const { open } = join;
  const first = join.emittedBefore;
  const count = Math.max(0, Math.min(most, open.openFrom - first));
  const samples = new Float64Array(count);
  const labels = new Uint8Array(count);
  const rows = new Float32Array(count * open.columnCount);
  for (let i = 0; i < count; i++) {
    const slot = open.slot(first + i);
    samples[i] = open.impressionKey[slot]!;
    labels[i] = labelOf(outcomeOfRank(open.rank[slot]!), goal);
  }
  open.rows.gather(first, count, rows);
  join.emittedBefore = first + count;
  open.rows.releaseBefore(join.emittedBefore);
  return { first, count, samples, labels, rows };
}

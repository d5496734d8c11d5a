import type { TrainingRows } from '../../ports/trainer.js';
import type { Correction } from './policies.js';
import type { Samples } from './samples.js';

/** What a policy kept: places in the stream, ascending, and the numbers published with each. */
export interface Kept {
  readonly places: readonly number[];
  /** Inclusion probability of each. */
  readonly probabilities: readonly number[];
  /** Log-odds offset of each. */
  readonly offsets: readonly number[];
}

/** The kept samples as a learner takes them, corrected once: by offset, by weights, or not at all. */
export function keptRows({ rows, columnCount, labels }: Samples, kept: Kept, correction: Correction): TrainingRows {
  const { places } = kept;
  const rowCount = places.length;
  const into = new Float32Array(rowCount * columnCount);
  places.forEach((place, i) =>
    into.set(rows.subarray(place * columnCount, (place + 1) * columnCount), i * columnCount),
  );
  return {
    rows: into,
    rowCount,
    columnCount,
    labels: Uint8Array.from(places, (place) => labels[place]!),
    weights: Float32Array.from(kept.probabilities, (probability) => (correction === 'weights' ? 1 / probability : 1)),
    offsets: Float32Array.from(kept.offsets, (offset) => (correction === 'offset' ? offset : 0)),
  };
}

/** The newest `most` of them. */
export function newest({ places, probabilities, offsets }: Kept, most: number): Kept {
  return { places: places.slice(-most), probabilities: probabilities.slice(-most), offsets: offsets.slice(-most) };
}

import { gathered } from '../../bundle/bundle.js';
import { DESCRIBED } from '../../bundle/sample.js';
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
export function keptRows(samples: Samples, kept: Kept, correction: Correction): TrainingRows {
  return {
    ...gathered(DESCRIBED, samples, kept.places),
    weights: Float32Array.from(kept.probabilities, (probability) => (correction === 'weights' ? 1 / probability : 1)),
    offsets: Float32Array.from(kept.offsets, (offset) => (correction === 'offset' ? offset : 0)),
  };
}

/** The newest `most` of them. */
export function newest({ places, probabilities, offsets }: Kept, most: number): Kept {
  return { places: places.slice(-most), probabilities: probabilities.slice(-most), offsets: offsets.slice(-most) };
}

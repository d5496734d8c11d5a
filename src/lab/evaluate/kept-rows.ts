import { gathered } from '../../bundle/bundle.js';
import { DESCRIBED } from '../../bundle/sample.js';
import { rateOf, rateOffset } from '../../pipeline/select/sampling-rates.js';
import type { TrainingRows } from '../../ports/trainer.js';
import type { Correction } from './policies.js';
import type { Samples } from './samples.js';

/** What a policy kept: places in the stream, ascending, and the numbers published with each. */
export interface Kept {
  readonly places: readonly number[];
  /** Inclusion probability of each, by the coin alone. */
  readonly probabilities: readonly number[];
  /** Log-odds offset of each, by the coin alone. */
  readonly offsets: readonly number[];
}

/**
 * The kept samples as a learner takes them, corrected once: by offset, by weights, or not at all. What a log left out before
 * it came is made up for in any case: by weights where those correct, else by the offset.
 */
export function keptRows(samples: Samples, kept: Kept, correction: Correction): TrainingRows {
  const { places, probabilities, offsets } = kept;
  const { labels } = samples;
  return {
    ...gathered(DESCRIBED, samples, places),
    weights: Float32Array.from(places, (place, i) =>
      correction === 'weights' ? 1 / (probabilities[i]! * rateOf(samples, labels[place]!, place)) : 1,
    ),
    offsets: Float32Array.from(places, (place, i) =>
      correction === 'weights' ? 0 : (correction === 'offset' ? offsets[i]! : 0) + rateOffset(samples, place),
    ),
  };
}

/** The newest `most` of them. */
export function newest({ places, probabilities, offsets }: Kept, most: number): Kept {
  return { places: places.slice(-most), probabilities: probabilities.slice(-most), offsets: offsets.slice(-most) };
}

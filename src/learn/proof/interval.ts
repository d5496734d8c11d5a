import { mean } from '../metrics/log-loss.js';
import type { Interval } from './proof.js';

/** What one pair of models measured. */
export interface PairDifference {
  /** Curated − uniform. */
  readonly difference: number;
  /** Of that difference, over the draw of the samples that judged, with the two models as given. */
  readonly variance: number;
}

/** Two-sided 95 % quantile of the normal distribution. */
const Z_TWO_SIDED_95 = 1.96;

/**
 * The mean difference of pairs of models from repeated halvings, with a 95 % interval that covers the draw of the rows that
 * judge and that of the rows that train.
 *
 * Its variance is the sum of two. *Judging*: each halving has every row judge once, half of them on each side, and further
 * halvings judge by the same rows again, so it is half of the mean variance of a pair. *Training*: two models from two
 * draws of one stream differ, by luck alone; half of the variance between halvings is taken for it, however many there
 * are, since what all halvings have in common does not show between them. Measured on equals (docs/why/decisions.md, the live
 * proof): one halving and judging alone cover 0 in 81 to 87 of 100 draws; three halvings and both parts in 95 to 100.
 * Sources: Nadeau & Bengio 2003, Inference for the Generalization Error, on what judging alone leaves out. Their own
 * correction is twice as wide and covered 0 in 100 of 100.
 *
 * @param pairs an even count of at least 4, the two sides of a halving next to one another
 */
export function intervalOf(pairs: readonly PairDifference[]): Interval {
  const halvings = pairs.flatMap(({ difference }, i) =>
    i % 2 === 0 ? [(difference + pairs[i + 1]!.difference) / 2] : [],
  );
  const middle = mean(halvings);
  const judging = mean(pairs.map(({ variance }) => variance)) / 2;
  const spread = halvings.reduce((sum, halving) => sum + (halving - middle) ** 2, 0) / (halvings.length - 1);
  const half = Z_TWO_SIDED_95 * Math.sqrt(judging + spread / 2);
  return { mean: middle, lower: middle - half, upper: middle + half };
}

/** One-sided 95 % quantile of the normal distribution. */
export const Z_95 = 1.645;

/** Mean of paired differences and its one-sided 95 % bounds. */
export interface PairedBound {
  readonly sampleCount: number;
  /** Mean of (baseline loss − candidate loss); positive: the candidate is better. NaN of no samples. */
  readonly mean: number;
  /** The mean is above this with 95 % confidence. −∞ below two samples. */
  readonly lower: number;
  /** The mean is below this with 95 % confidence. +∞ below two samples. */
  readonly upper: number;
}

/**
 * Bounds the mean gain of a candidate over a baseline from their losses on the same samples: mean ± z · sd / √n of the
 * differences. Pairing removes what makes a sample hard for both, which is most of the variance. Normal approximation: fine
 * for the thousands of samples of an audit window, optimistic below a few dozen positives; samples of one session are
 * correlated, so the true bound is a little wider.
 */
export function pairedBound(baseline: ArrayLike<number>, candidate: ArrayLike<number>): PairedBound {
  const sampleCount = baseline.length;
  let mean = 0;
  let squares = 0;
  for (let i = 0; i < sampleCount; i++) {
    const difference = baseline[i]! - candidate[i]!;
    const before = mean;
    mean += (difference - before) / (i + 1);
    squares += (difference - before) * (difference - mean);
  }
  if (sampleCount === 0) mean = Number.NaN;
  const half = sampleCount < 2 ? Infinity : Z_95 * Math.sqrt(squares / (sampleCount - 1) / sampleCount);
  return {
    sampleCount,
    mean,
    lower: sampleCount < 2 ? -Infinity : mean - half,
    upper: sampleCount < 2 ? Infinity : mean + half,
  };
}

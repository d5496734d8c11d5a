import type { Scorer } from './scorer.js';

/**
 * s = |y − p̄| · sqrt(1 + ‖z‖²) with z_c = sign(x_c)·ln(1 + |x_c|), 0 where missing: the norm of the log-loss gradient of a
 * logistic model with intercept on the squashed row. Good for: consumers that are linear or shallow in the features, whose
 * fit far-out rows pull most. Squashing instead of standardising by running moments keeps the importance a function of the
 * row alone: no state that a restart would have to agree on, and no column's unit rules the norm by orders of magnitude.
 * Source: Katharopoulos & Fleuret 2018, "Not all samples are created equal", §3; Needell et al. 2014 on sampling by norm.
 */
export const gradientNorm: Scorer = {
  name: 'gradient-norm',
  score({ prediction: { probability }, rowCount, rows, columnCount }, ifNegative, ifPositive) {
    for (let i = 0, at = 0; i < rowCount; i++) {
      let squares = 1;
      for (let column = 0; column < columnCount; column++, at++) {
        const value = rows[at]!;
        if (value !== value) continue;
        const squashed = Math.log1p(Math.abs(value));
        squares += squashed * squashed;
      }
      const norm = Math.sqrt(squares);
      ifNegative[i] = probability[i]! * norm;
      ifPositive[i] = (1 - probability[i]!) * norm;
    }
  },
};

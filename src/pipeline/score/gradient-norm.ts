import type { Scorer, ScorerDeclaration } from './scorer.js';

/** An infinite value counts as the largest finite one: it must not make an importance of its own kind. */
const MAX_FLOAT32 = 2 ** 127 * (2 - 2 ** -23);

/**
 * s = |y − p̄| · sqrt(1 + ‖z‖²) with z_c = sign(x_c)·ln(1 + |x_c|), 0 where missing: the norm of the log-loss gradient of a
 * logistic model with intercept on the squashed row. Good for: consumers that are linear or shallow in the features, whose
 * fit far-out rows pull most. Squashing instead of standardising by running moments keeps the importance a function of the
 * row alone: no state that a restart would have to agree on, and no column's unit rules the norm by orders of magnitude.
 * Source: Katharopoulos & Fleuret 2018, "Not all samples are created equal", §3; Needell et al. 2014 on sampling by norm.
 */
const gradientLength: Scorer = {
  score({ prediction: { probability }, rowCount, rows, columnCount }, ifNegative, ifPositive) {
    for (let i = 0, at = 0; i < rowCount; i++) {
      let squares = 1;
      for (let column = 0; column < columnCount; column++, at++) {
        const value = rows[at]!;
        if (value !== value) continue;
        const squashed = Math.log1p(Math.min(MAX_FLOAT32, Math.abs(value)));
        squares += squashed * squashed;
      }
      const length = Math.sqrt(squares);
      ifNegative[i] = probability[i]! * length;
      ifPositive[i] = (1 - probability[i]!) * length;
    }
  },
};

export const gradientNorm: ScorerDeclaration = {
  summary: 'the size of the gradient of a logistic model, |y − p|·‖x‖: for consumers that are linear in the columns',
  keepsBy: 'coin',
  early: gradientLength,
  make: () => gradientLength,
};

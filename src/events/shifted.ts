/**
 * Probability of a model of the whole log, as it is in a stream that an earlier sampling thinned by label:
 * σ(logit p + o), o the log-odds offset ln(r₁ / r₀) of the row. Whatever is judged is judged on the stream as it came, where
 * every row counts one. Offset 0 gives `p` itself, to the bit.
 * Source: King & Zeng 2001, section 4.1.
 */
export function shifted(p: number, offset: number): number {
  if (offset === 0) return p;
  const odds = Math.exp(offset);
  return (p * odds) / (1 - p + p * odds);
}

/** The same for each row, in place; returns the array. */
export function shiftAll(probabilities: Float32Array, offsets: ArrayLike<number>): Float32Array {
  for (let i = 0; i < probabilities.length; i++) probabilities[i] = shifted(probabilities[i]!, offsets[i]!);
  return probabilities;
}

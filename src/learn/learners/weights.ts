/** Weights scaled to mean 1: penalties and step sizes then mean the same whatever the inclusion probabilities. */
export function meanOne(weights: Float32Array): Float32Array {
  let sum = 0;
  for (const weight of weights) sum += weight;
  const scale = weights.length / sum;
  return weights.map((weight) => weight * scale);
}

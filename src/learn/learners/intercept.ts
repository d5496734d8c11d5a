/** 1 / (1 + e^−z), safe for any z. */
export function sigmoid(z: number): number {
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));
}

/** ln( p / (1 − p) ). */
export function logit(p: number): number {
  return Math.log(p / (1 - p));
}

/**
 * The constant b with Σ w·(sigmoid(b + offset) − y) = 0: the log-odds of the base rate once offsets are taken out.
 * Newton steps inside a bracket, so it converges for any offsets. With one class only the root is at infinity and the
 * result is ±40.
 */
export function solveIntercept(labels: Uint8Array, offsets: Float32Array, weights: Float32Array): number {
  let low = -40;
  let high = 40;
  let b = 0;
  for (let step = 0; step < 100; step++) {
    let gradient = 0;
    let curvature = 0;
    for (let i = 0; i < labels.length; i++) {
      const w = weights[i]!;
      const p = sigmoid(b + offsets[i]!);
      gradient += w * (p - labels[i]!);
      curvature += w * p * (1 - p);
    }
    if (gradient > 0) high = b;
    else low = b;
    const newton = b - gradient / Math.max(1e-300, curvature);
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - b) < 1e-12) return next;
    b = next;
  }
  return b;
}

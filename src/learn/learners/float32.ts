/** Largest finite float32. */
export const MAX_FLOAT32 = 3.4028234663852886e38;

const word = new Uint32Array(1);
const single = new Float32Array(word.buffer);

/**
 * The smallest float32 ≥ t. For every float32 x, `x < t` and `x < float32AtLeast(t)` then say the same, which plain
 * rounding of a midpoint breaks in one case of four. Above the largest float32 the result is +Infinity.
 */
export function float32AtLeast(t: number): number {
  const rounded = Math.fround(t);
  if (rounded >= t || Number.isNaN(t)) return rounded;
  return nextFloat32Up(rounded);
}

/** The next float32 above x (x finite or −Infinity). */
export function nextFloat32Up(x: number): number {
  if (x === 0) return 1.401298464324817e-45;
  single[0] = x;
  word[0] = x > 0 ? word[0]! + 1 : word[0]! - 1;
  return single[0]!;
}

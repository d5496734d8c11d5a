/**
 * Adds up the token vectors of one text into `target` (dimensions long): all of them for `mean` (the division is left to
 * the normalisation), the first for `cls`.
 * @param tokens Float32Array, tokenCount × dimensions, row-major
 */
export function poolTokens(
  tokens: Float32Array,
  tokenCount: number,
  pooling: 'mean' | 'cls',
  target: Float64Array,
): void {
  const dimensions = target.length;
  const rows = pooling === 'cls' ? 1 : tokenCount;
  target.fill(0);
  for (let row = 0; row < rows; row++) {
    const at = row * dimensions;
    for (let column = 0; column < dimensions; column++) target[column]! += tokens[at + column]!;
  }
}

/**
 * Writes `source` scaled to unit length into `target` from `offset` on. Returns false, and writes nothing, when its
 * length is zero or not finite.
 */
export function writeUnit(source: Float64Array | Float32Array, target: Float32Array, offset: number): boolean {
  let square = 0;
  for (let column = 0; column < source.length; column++) square += source[column]! * source[column]!;
  const length = Math.sqrt(square);
  if (!(length > 0) || !Number.isFinite(length)) return false;
  for (let column = 0; column < source.length; column++) target[offset + column] = source[column]! / length;
  return true;
}

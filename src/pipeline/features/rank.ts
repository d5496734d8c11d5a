/**
 * Share of the others that are smaller, in [0, 1]: ties share the lower rank. Costs O(log n).
 * @param sorted all values in rising order, `value` among them, at least two
 */
export function rankAmong(sorted: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low / (sorted.length - 1);
}

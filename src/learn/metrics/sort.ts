/** Indices of the values in ascending order; equal values keep their order, NaN comes last. */
export function ascendingOrder(values: ArrayLike<number>): Uint32Array {
  const order = new Uint32Array(values.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  return order.sort((a, b) => {
    const difference = values[a]! - values[b]!;
    if (difference < 0 || difference > 0) return difference;
    return Number(Number.isNaN(values[a]!)) - Number(Number.isNaN(values[b]!)) || a - b;
  });
}

/** End of the run of equal values that begins at `from` of the order: always beyond it, NaN being equal to NaN. */
export function endOfTies(values: ArrayLike<number>, order: Uint32Array, from: number): number {
  const value = values[order[from]!]!;
  let to = from + 1;
  while (
    to < order.length &&
    (values[order[to]!] === value || (value !== value && values[order[to]!] !== values[order[to]!]))
  )
    to++;
  return to;
}

import type { OrderedRows } from '../reservoir/row-slab.js';

/** Copies of the rows of these numbers, in their order. */
export function takeRows(from: OrderedRows, numbers: Uint32Array): OrderedRows {
  const { columnCount } = from;
  const rows = new Float32Array(numbers.length * columnCount);
  numbers.forEach((number, i) =>
    rows.set(from.rows.subarray(number * columnCount, (number + 1) * columnCount), i * columnCount),
  );
  return {
    rows,
    rowCount: numbers.length,
    columnCount,
    labels: Uint8Array.from(numbers, (number) => from.labels[number]!),
    weights: Float32Array.from(numbers, (number) => from.weights[number]!),
    offsets: Float32Array.from(numbers, (number) => from.offsets[number]!),
    surfaces: Uint8Array.from(numbers, (number) => from.surfaces[number]!),
  };
}

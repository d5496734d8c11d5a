import type { TrainingRows } from '../../ports/trainer.js';
import type { Random } from '../../ports/random.js';

/** Draws row numbers of one class in proportion to their weights, with replacement. */
export interface ClassSampler {
  readonly rowCount: number;
  draw(random: Random): number;
}

/** A sampler over the rows with this label; binary search over cumulated weights, O(log n) a draw. */
export function classSampler(training: TrainingRows, label: 0 | 1): ClassSampler {
  const rows: number[] = [];
  const cumulated: number[] = [];
  let total = 0;
  for (let i = 0; i < training.rowCount; i++) {
    if (training.labels[i] !== label) continue;
    total += training.weights[i]!;
    rows.push(i);
    cumulated.push(total);
  }
  return {
    rowCount: rows.length,
    draw: (random) => {
      const target = random() * total;
      let low = 0;
      let high = rows.length - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (cumulated[middle]! > target) high = middle;
        else low = middle + 1;
      }
      return rows[low]!;
    },
  };
}

/** Half negatives, half positives, negatives first; at most `rowsPerTree` rows. */
export function balancedBootstrap(
  negatives: ClassSampler,
  positives: ClassSampler,
  rowsPerTree: number,
  random: Random,
): Int32Array {
  const half = Math.max(1, Math.floor(rowsPerTree / 2));
  return Int32Array.from({ length: 2 * half }, (_, i) => (i < half ? negatives : positives).draw(random));
}

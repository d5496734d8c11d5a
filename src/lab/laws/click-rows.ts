import type { TrainingRows } from '../../ports/trainer.js';
import { seededRandom } from '../../learn/learners/random.js';
import { sigmoid } from '../../learn/learners/intercept.js';

export interface ClickRows extends TrainingRows {
  /** The true click probability of each row. */
  readonly truth: Float64Array;
}

/**
 * Click-like rows with known probabilities: heavy tails, categories, constant and mostly missing columns, interactions,
 * and missing values that mean something. Labels look at the first eight columns. Same seed, same rows.
 */
export function clickRows(rowCount: number, columnCount = 24, seed = 1, baseLogit = -3.2): ClickRows {
  const random = seededRandom(seed, 77);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const rows = new Float32Array(rowCount * columnCount);
  const labels = new Uint8Array(rowCount);
  const truth = new Float64Array(rowCount);
  for (let i = 0; i < rowCount; i++) {
    const x = rows.subarray(i * columnCount, (i + 1) * columnCount);
    for (let c = 0; c < columnCount; c++) x[c] = columnOf(c, normal, random);
    const position = x[0]!;
    const price = x[1]!;
    const rate = x[2]!;
    const similarity = x[4]!;
    let z =
      baseLogit -
      0.9 * Math.log(position) +
      1.4 * Math.log1p(rate * 20) +
      (Number.isNaN(price) ? -0.8 : -0.5 * Math.log1p(price / 50));
    z +=
      (Number.isNaN(similarity) ? 0 : 1.2 * similarity * (x[3] === 2 ? 2 : 0.5)) +
      (x[5]! > 1 && x[6]! < 0 ? 1 : 0) +
      0.3 * x[7]!;
    truth[i] = sigmoid(z + 1);
    labels[i] = random() < truth[i]! ? 1 : 0;
  }
  return {
    rows,
    rowCount,
    columnCount,
    labels,
    truth,
    weights: new Float32Array(rowCount).fill(1),
    offsets: new Float32Array(rowCount),
  };
}

function columnOf(c: number, normal: () => number, random: () => number): number {
  switch (c) {
    case 0:
      return 1 + Math.floor(random() * 25);
    case 1:
      return random() < 0.1 ? NaN : Math.exp(4 + normal());
    case 2:
      return Math.min(1, 0.05 * Math.exp(normal()));
    case 3:
      return Math.floor(random() * 6);
    case 4:
      return random() < 0.3 ? NaN : Math.tanh(normal() * 0.5);
    case 8:
      return 7;
    case 9:
      return random() < 0.98 ? NaN : normal();
    case 10:
      return random() < 0.5 ? 0 : 1;
    default:
      return normal();
  }
}

/** The rows from `start` (inclusive) to `end` (exclusive). */
export function sliceRows(all: ClickRows, start: number, end: number): ClickRows {
  return {
    ...all,
    rows: all.rows.slice(start * all.columnCount, end * all.columnCount),
    rowCount: end - start,
    labels: all.labels.slice(start, end),
    truth: all.truth.slice(start, end),
    weights: all.weights.slice(start, end),
    offsets: all.offsets.slice(start, end),
  };
}

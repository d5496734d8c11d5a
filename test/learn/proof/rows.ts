import { seededRandom } from '../../../src/adapters/system/random.js';
import type { HeldBundle } from '../../../src/bundle/sample.js';

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

export interface RowsOptions {
  readonly count: number;
  readonly seed: number;
  /** Keeps by surprise |y − .3| as the pipeline does, with weight and offset; default false: every row, weight 1. */
  readonly isCurated?: boolean;
  /** Of the first row, epoch ms; one row a ms. Default 0. */
  readonly fromMs?: number;
}

const COLUMN_COUNT = 4;

/** Rows of four normal columns with click probabilities σ(−2 + x₁ + x₂), as the learner holds them; x₁ tells the rows apart. */
export function heldRows({ count, seed, isCurated = false, fromMs = 0 }: RowsOptions): HeldBundle {
  const random = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const rows: { x: number[]; label: number; weight: number; offset: number; draw: number }[] = [];
  const chance = (y: number): number => (isCurated ? 0.2 * 0.2 + 0.8 * Math.min(1, Math.abs(y - 0.3) / 2) : 1);
  while (rows.length < count) {
    const x = Array.from({ length: COLUMN_COUNT }, normal);
    const label = random() < sigmoid(-2 + x[0]! + x[1]!) ? 1 : 0;
    const draw = Math.floor(random() * 2 ** 32);
    if (random() < chance(label))
      rows.push({ x, label, draw, weight: 1 / chance(label), offset: Math.log(chance(1) / chance(0)) });
  }
  return {
    rows: Float32Array.from(rows.flatMap(({ x }) => x)),
    rowCount: count,
    columnCount: COLUMN_COUNT,
    labels: Uint8Array.from(rows, ({ label }) => label),
    weights: Float32Array.from(rows, ({ weight }) => weight),
    offsets: Float32Array.from(rows, ({ offset }) => offset),
    surfaces: new Uint8Array(count),
    timeKeys: Float64Array.from(rows, (_, i) => fromMs + i),
    draws: Uint32Array.from(rows, ({ draw }) => draw),
    folds: Uint8Array.from(rows, (_, i) => i & 1),
  };
}

/** The first column of each row. */
export function firstColumn(rows: Float32Array): Float32Array {
  return Float32Array.from({ length: rows.length / COLUMN_COUNT }, (_, row) => rows[row * COLUMN_COUNT]!);
}

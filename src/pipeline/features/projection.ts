import { mix, uniform, type Key } from '../state/keys.js';

/**
 * Random projections of vectors of one dimension: Σ ±x / √dimension with signs that depend on the seed alone, which keeps
 * distances (Achlioptas, "Database-friendly random projections", 2003).
 */
export class Projection {
  private readonly signs: Int8Array;

  /** @param columns how many numbers become of a vector */
  constructor(
    seed: Key,
    columns: number,
    private readonly dimension: number,
  ) {
    this.signs = Int8Array.from({ length: columns * dimension }, (_, at) =>
      uniform(mix(seed, at + 1), seed) < 0.5 ? -1 : 1,
    );
  }

  /** One of the numbers. */
  of(vector: Float32Array, column: number): number {
    let sum = 0;
    for (let i = 0, at = column * this.dimension; i < this.dimension; i++, at++) sum += this.signs[at]! * vector[i]!;
    return sum / Math.sqrt(this.dimension);
  }
}

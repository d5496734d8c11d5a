import { Z_95 } from './paired-bound.js';

/** What may have been expected where so many were counted. */
export interface CountBounds {
  readonly lower: number;
  readonly upper: number;
}

/**
 * One-sided 95 % bounds of the mean of a Poisson count, each: right for any count, down to none at all, where a normal
 * approximation is far off. Within 3 % of the exact bounds from a count of 2 on.
 * Source: Byar's approximation, Breslow & Day 1987, Statistical Methods in Cancer Research II, eq. 2.13.
 */
export function countBounds(count: number): CountBounds {
  const bound = (of: number, z: number): number => of * (1 - 1 / (9 * of) + z / (3 * Math.sqrt(of))) ** 3;
  return { lower: count === 0 ? 0 : Math.max(0, bound(count, -Z_95)), upper: bound(count + 1, Z_95) };
}

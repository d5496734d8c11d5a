import { seededRandom } from '../../adapters/system/index.js';
import type { Random } from '../../ports/random.js';

/** A generator of its own for thing `index` of stream `stream`: what one thing draws never moves what another draws. */
export function streamRandom(seed: number, stream: number, index: number): Random {
  let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(stream + 1, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d) ^ Math.imul(index + 1, 0x297a2d39);
  return seededRandom(h ^ (h >>> 13));
}

/** Standard normal number. Source: Box & Muller 1958. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Standard normal vector. */
export function normals(random: Random, length: number): Float64Array {
  return Float64Array.from({ length }, () => normal(random));
}

/** Exponential number with this mean. */
export function exponential(random: Random, mean: number): number {
  return -Math.log(1 - random()) * mean;
}

/** Log-normal number with this median. */
export function logNormal(random: Random, median: number, sigma: number): number {
  return median * Math.exp(sigma * normal(random));
}

/** Standard Gumbel number: the largest of score + Gumbel is a softmax choice. */
export function gumbel(random: Random): number {
  return -Math.log(-Math.log(1 - random() || 1e-12) || 1e-12);
}

/** Whole number from `low` to `high`, both included. */
export function integerBetween(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

/** One element of a list that has some. */
export function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)]!;
}

/** Index drawn in proportion to its weight. */
export function pickIndex(random: Random, weights: ArrayLike<number>): number {
  let total = 0;
  for (let at = 0; at < weights.length; at++) total += weights[at]!;
  let left = random() * total;
  for (let at = 0; at < weights.length; at++) {
    left -= weights[at]!;
    if (left < 0) return at;
  }
  return weights.length - 1;
}

/** Up to `count` different elements. */
export function pickSome<T>(random: Random, from: readonly T[], count: number): T[] {
  const pool = [...from];
  const found: T[] = [];
  while (found.length < count && pool.length > 0) found.push(pool.splice(Math.floor(random() * pool.length), 1)[0]!);
  return found;
}

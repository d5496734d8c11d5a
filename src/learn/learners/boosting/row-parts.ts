import type { Random } from '../../../ports/random.js';
import type { Split } from './best-split.js';
import type { Bins } from '../bins.js';

/**
 * `take` of the numbers 0 … among − 1, ascending, each subset equally likely.
 * Source: Knuth, The Art of Computer Programming 2, algorithm 3.4.2 S.
 */
export function drawSorted(among: number, take: number, random: Random): Int32Array {
  const drawn = new Int32Array(take);
  for (let i = 0, taken = 0; taken < take; i++) if (random() * (among - i) < take - taken) drawn[taken++] = i;
  return drawn;
}

/** The numbers 0 … among − 1 that are not in `drawn` (ascending). */
export function complement(among: number, drawn: Int32Array): Int32Array {
  const rest = new Int32Array(among - drawn.length);
  for (let i = 0, d = 0, r = 0; i < among; i++) {
    if (d < drawn.length && drawn[d] === i) d++;
    else rest[r++] = i;
  }
  return rest;
}

/**
 * Parts the rows `index[start … start + count)` by a split, in place and in order; returns how many went left.
 * @param spare at least `count` entries, overwritten
 */
export function partRows(
  index: Int32Array,
  start: number,
  count: number,
  split: Split,
  bins: Bins,
  spare: Int32Array,
): number {
  const { codes, rowCount } = bins;
  const columnStart = split.column * rowCount;
  const missing = bins.bounds[split.column]!.length + 1;
  const { code, missingLeft } = split;
  let left = start;
  let right = 0;
  for (let i = start; i < start + count; i++) {
    const row = index[i]!;
    const found = codes[columnStart + row]!;
    if (found === missing ? missingLeft : found <= code) index[left++] = row;
    else spare[right++] = row;
  }
  for (let i = 0; i < right; i++) index[left + i] = spare[i]!;
  return left - start;
}

import type { HeldBundle } from '../../bundle/sample.js';

/** One pair of models: the same number of rows for each, and the rows that judge both. Row numbers in rising order. */
export interface Pair {
  /** Of the audit rows: one half, or as much of it as the curated rows can match. */
  readonly uniform: Uint32Array;
  /** Of the training rows. */
  readonly curated: Uint32Array;
  /** Of the audit rows: the other half. */
  readonly judges: Uint32Array;
}

/** Numbers of the rows that a proof is made of, in rising order. */
export interface Period {
  readonly audit: Uint32Array;
  readonly training: Uint32Array;
}

/** The rows of the period that both kinds cover: one that reached further back would be of another stream. */
export function commonPeriod(audit: HeldBundle, training: HeldBundle): Period {
  const fromKey = Math.max(audit.timeKeys[0] ?? Infinity, training.timeKeys[0] ?? Infinity);
  const since = ({ timeKeys }: HeldBundle): Uint32Array =>
    Uint32Array.from(timeKeys, (_, row) => row).filter((row) => timeKeys[row]! >= fromKey);
  return { audit: since(audit), training: since(training) };
}

/**
 * Lays out one pair. Pairs 2k and 2k + 1 are the two sides of halving k: each half of the audit rows trains in one of them
 * and judges in the other. Which row is where its own draw decides, and nothing else: thinned like that, curated rows
 * keep the offsets and weights they carry. The two sides take different curated rows, hence at most half of them each.
 *
 * @param number of the pair, from 0 to 15
 */
export function pairOf(number: number, { audit, training }: Period, auditDraws: Uint32Array, draws: Uint32Array): Pair {
  const halving = number >> 1;
  const side = number & 1;
  const isJudge = (row: number): boolean => ((auditDraws[row]! >>> halving) & 1) === side;
  const half = audit.filter((row) => !isJudge(row));
  const size = Math.min(half.length, training.length >> 1);
  const curated = inOrderOf(training, draws, halving);
  return {
    uniform: inOrderOf(half, auditDraws, halving).slice(0, size).sort(),
    curated: (side === 0 ? curated.slice(0, size) : curated.slice(training.length - size)).sort(),
    judges: audit.filter(isJudge),
  };
}

/** Row numbers fit below a draw in the 53 bits of a double. */
const ROW_SPAN = 2 ** 21;

/** The rows in an order that their draws decide, another one for each halving. */
function inOrderOf(rows: Uint32Array, draws: Uint32Array, halving: number): Uint32Array {
  const bits = 4 * halving;
  const turned = (draw: number): number => (bits === 0 ? draw : ((draw << bits) | (draw >>> (32 - bits))) >>> 0);
  // Sorted as plain numbers, which is ten times as fast as by a comparison.
  const keys = Float64Array.from(rows, (row) => turned(draws[row]!) * ROW_SPAN + row).sort();
  return Uint32Array.from(keys, (key) => key % ROW_SPAN);
}

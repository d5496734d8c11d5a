import type { Hash32 } from '../../ports/hash.js';

/** Seeds of the learner's own draws. Not the salt of the selection coin: see {@link uniformOf}. */
const RESERVOIR_SEED = 0x5e5e_4701;
const DRAW_SEED = 0x5e5e_4702;

/**
 * A number in (0,1) that belongs to the sample, so that rebuilding the reservoir draws the same. It must not be the number
 * of the selection coin: kept samples have coins below π, so a draw by the same number would favour rows by their π,
 * hence by label and features, and the stored π and offset would no longer be the chance of being trained on.
 */
export function uniformOf(sampleId: string, hash: Hash32): number {
  return (hash(sampleId, RESERVOIR_SEED) + 0.5) / 2 ** 32;
}

/**
 * 32 bits that belong to the sample and decide nothing about whether it is kept or held: what splits and thins held rows
 * without shifting the odds of their labels.
 */
export function drawOf(sampleId: string, hash: Hash32): number {
  return hash(sampleId, DRAW_SEED);
}

/**
 * Priority of a row in a weighted reservoir with forward decay: keeping the k highest is drawing k rows without
 * replacement in proportion to 2^(index / halfLife). The index alone is the weight, never label or features: whatever
 * enters a reservoir by those would shift the odds of the label, and the stored offset would be wrong by as much.
 * Log of the Efraimidis–Spirakis key u^(1/w), order kept: −ln(−ln u) + ln w, which no age can overflow.
 * Sources: Efraimidis & Spirakis 2006, Weighted random sampling with a reservoir; Cormode et al. 2009, Forward decay.
 *
 * @param index how late the row came, in rows
 * @param halfLife rows after which a row counts half
 * @param uniform in (0,1), {@link uniformOf} the sample
 */
export function recencyPriority(index: number, halfLife: number, uniform: number): number {
  return (index / halfLife) * Math.LN2 - Math.log(-Math.log(uniform));
}

import type { SamplingRates } from '../../events/words.js';
import type { ClosedBatch } from '../close/close.js';

/** Rates of an earlier sampling, by row; absent: nothing was left out. */
export type Rates = Partial<Pick<ClosedBatch, 'ratesIfNegative' | 'ratesIfPositive'>>;

/** Chance r_y with which the log kept an impression like sample `i` before it came here, had it this label. */
export function rateOf({ ratesIfNegative, ratesIfPositive }: Rates, label: number, i: number): number {
  return (label === 1 ? ratesIfPositive?.[i] : ratesIfNegative?.[i]) ?? 1;
}

/** Rates of a log that was not sampled before. */
export const ALL_KEPT: SamplingRates = [1, 1];

/** Both rates of sample `i`. */
export function ratesOf(rates: Rates, i: number): SamplingRates {
  const [negative, positive] = [rateOf(rates, 0, i), rateOf(rates, 1, i)];
  return negative === 1 && positive === 1 ? ALL_KEPT : [negative, positive];
}

/**
 * What an earlier sampling adds to the log-odds offset of sample `i`: ln(r₁ / r₀). The chance that a row of the whole log is
 * here and kept is r_y·π_y, so its offset is ln(r₁π₁ / r₀π₀). Adding it to the log-odds of a model of the whole log gives
 * those of the stream as it came. 0 where both rates are one.
 * Source: King & Zeng 2001, Logistic Regression in Rare Events Data, section 4.1 (prior correction).
 */
export function rateOffset(rates: Rates, i: number): number {
  const [negative, positive] = ratesOf(rates, i);
  return negative === positive ? 0 : Math.log(positive / negative);
}

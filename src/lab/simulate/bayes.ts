import type { Surface } from '../../events/words.js';

/** How well the truth itself predicts: the ceiling of every model. */
export interface Ceiling {
  readonly impressions: number;
  readonly clicks: number;
  readonly clickRate: number;
  /** AUC of the true click probabilities against the clicks; null without a click (or without a non-click). */
  readonly bayesAuc: number | null;
  /** Log loss of the truth over the entropy of the base rate; null as above. */
  readonly bayesNormalisedEntropy: number | null;
}

const BINS = 1 << 14;
const MAX_LOG_ODDS = 16;

/** Gathers probabilities with their outcomes in bounded memory: log-odds in 16,384 bins, ties within a bin count half. */
export class CeilingGauge {
  private readonly positives = new Float64Array(BINS);
  private readonly negatives = new Float64Array(BINS);
  private logLoss = 0;

  add(probability: number, isClicked: boolean): void {
    const logOdds = Math.log(probability / (1 - probability));
    const at = Math.min(BINS - 1, Math.max(0, Math.floor(((logOdds + MAX_LOG_ODDS) / (2 * MAX_LOG_ODDS)) * BINS)));
    (isClicked ? this.positives : this.negatives)[at]! += 1;
    this.logLoss -= Math.log(isClicked ? probability : 1 - probability);
  }

  read(): Ceiling {
    let below = 0;
    let pairs = 0;
    let clicks = 0;
    for (let at = 0; at < BINS; at++) {
      pairs += this.positives[at]! * (below + this.negatives[at]! / 2);
      below += this.negatives[at]!;
      clicks += this.positives[at]!;
    }
    const impressions = clicks + below;
    const clickRate = impressions > 0 ? clicks / impressions : 0;
    const isMixed = clicks > 0 && below > 0;
    const entropy = -(clickRate * Math.log(clickRate) + (1 - clickRate) * Math.log(1 - clickRate));
    return {
      impressions,
      clicks,
      clickRate,
      bayesAuc: isMixed ? pairs / (clicks * below) : null,
      bayesNormalisedEntropy: isMixed ? this.logLoss / impressions / entropy : null,
    };
  }
}

/** A ceiling for all traffic and for each surface. */
export interface Ceilings extends Ceiling {
  readonly bySurface: Readonly<Partial<Record<Surface, Ceiling>>>;
}

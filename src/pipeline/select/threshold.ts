/**
 * The controller that holds the budget: ln μ += η·(π_t − b)/b per sample, a stochastic approximation (Robbins & Monro
 * 1951) of the μ at which the mean inclusion probability is the budget. It follows a changing click rate or champion
 * within thousands of samples, and no window has to be sorted.
 */
export class Threshold {
  private lnMu: number | null;

  constructor(
    /** Share of samples to keep; may be moved between samples. */
    public budget: number,
    private readonly defensiveShare: number,
    private readonly rate: number,
    lnMu: number | null = null,
  ) {
    this.lnMu = lnMu;
  }

  /** ln μ, or null before the first scored sample; belongs in the progress record. */
  get state(): number | null {
    return this.lnMu;
  }

  /** μ, the importance from which on the undefended part keeps everything. */
  get mu(): number {
    return this.lnMu === null ? 0 : Math.exp(this.lnMu);
  }

  /** π(s) = α·b + (1 − α)·min(1, s/μ), in (0, 1]. */
  probability(importance: number): number {
    if (this.budget >= 1) return 1;
    return this.defensiveShare * this.budget + (1 - this.defensiveShare) * Math.min(1, importance / this.mu);
  }

  /** 1 at or above μ, else 0: the hard cut of `top`. Held by the same controller, μ is then the running 1 − b quantile. */
  cut(importance: number): number {
    return this.budget >= 1 || importance >= this.mu ? 1 : 0;
  }

  /**
   * Learns from the probability a sample was given. ln μ stays within ±{@link FARTHEST}: where floors or caps make the budget
   * impossible it would run away, and take as long to come back.
   */
  follow(probability: number): void {
    this.step(this.rate * ((probability - this.budget) / this.budget));
  }

  /** Learns from what {@link cut} gave. All or nothing is a noisy signal, so the step does not grow as the budget shrinks. */
  followCut(probability: number): void {
    this.step(this.rate * CUT_GAIN * (probability - this.budget));
  }

  private step(by: number): void {
    if (this.lnMu !== null) this.lnMu = Math.max(-FARTHEST, Math.min(FARTHEST, this.lnMu + by));
  }

  /** Begins at the μ that meets the budget on these importances; later calls change nothing. */
  begin(importances: Float64Array): void {
    if (this.lnMu !== null || importances.length === 0) return;
    let low = 1e-9;
    let high = 1e3;
    for (let step = 0; step < 60; step++) {
      const mu = Math.sqrt(low * high);
      let kept = 0;
      for (const importance of importances) kept += Math.min(1, importance / mu);
      if (kept / importances.length > this.budget) low = mu;
      else high = mu;
    }
    this.lnMu = Math.log(Math.sqrt(low * high));
  }

  /** Begins at the quantile of these importances above which the budget lies; later calls change nothing. */
  beginCut(importances: Float64Array): void {
    if (this.lnMu !== null || importances.length === 0) return;
    const sorted = importances.slice().sort();
    const quantile = sorted[Math.floor((1 - this.budget) * (sorted.length - 1))]!;
    this.lnMu = Math.log(Math.max(quantile, 1e-9));
  }
}

const FARTHEST = 25;
/** The step of a cut at a budget of a tenth is that of {@link Threshold.follow}. */
const CUT_GAIN = 10;

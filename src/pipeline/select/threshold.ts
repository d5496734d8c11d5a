/**
 * The controller that holds the budget: ln μ += η·(π_t − b)/b per sample, a stochastic approximation (Robbins & Monro
 * 1951) of the μ at which the mean inclusion probability is the budget. It follows a changing click rate or champion
 * within thousands of samples, and no window has to be sorted. Young, it learns with 1/t instead of η while that is more:
 * it comes close within some hundred samples, and what it does depends on the samples in their order alone, never on where
 * a batch of them ended.
 */
export class Threshold {
  private lnMu: number | null;

  constructor(
    /** Share of samples to keep; may be moved between samples. */
    public budget: number,
    private readonly defensiveShare: number,
    private readonly rate: number,
    lnMu: number | null = null,
    /** Samples learned from; null once it is grown up. */
    private age: number | null = null,
  ) {
    this.lnMu = lnMu;
  }

  /** Samples learned from while young, null after that and before the first; belongs in the progress record. */
  get youth(): number | null {
    return this.age;
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
    const excess = (probability - this.budget) / this.budget;
    if (this.age === null) return this.step(this.rate * excess);
    const gain = Math.max(this.rate, 1 / ++this.age);
    if (gain === this.rate) this.age = null;
    this.step(Math.max(-MOST_YOUNG_STEP, Math.min(MOST_YOUNG_STEP, gain * excess)));
  }

  /** Learns from what {@link cut} gave. All or nothing is a noisy signal, so the step does not grow as the budget shrinks. */
  followCut(probability: number): void {
    this.step(this.rate * CUT_GAIN * (probability - this.budget));
  }

  private step(by: number): void {
    if (this.lnMu !== null) this.lnMu = Math.max(-FARTHEST, Math.min(FARTHEST, this.lnMu + by));
  }

  /** Begins at the μ that meets the budget on one sample, and learns fast from the next; later calls change nothing. */
  begin(importance: number): void {
    if (this.lnMu !== null) return;
    this.lnMu = Math.log(Math.max(importance, LEAST_IMPORTANCE) / this.budget);
    this.age = 0;
  }

  /** Begins at the quantile of these importances above which the budget lies; later calls change nothing. */
  beginCut(importances: Float64Array): void {
    if (this.lnMu !== null || importances.length === 0) return;
    const sorted = importances.slice().sort();
    const quantile = sorted[Math.floor((1 - this.budget) * (sorted.length - 1))]!;
    this.lnMu = Math.log(Math.max(quantile, LEAST_IMPORTANCE));
  }
}

const FARTHEST = 25;
const LEAST_IMPORTANCE = 1e-9;
/** One sample of great importance may not throw a young threshold far off. */
const MOST_YOUNG_STEP = 1;
/** The step of a cut at a budget of a tenth is that of {@link Threshold.follow}. */
const CUT_GAIN = 10;

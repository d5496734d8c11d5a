import type { Counts } from '../pipeline/progress/counts.js';
import type { Logger } from '../ports/logger.js';
import type { Metrics } from '../ports/metrics.js';

/** Whether a budget b can carry a click rate ρ: b ≥ 5ρ, between, b < 2ρ. */
export type Carrying = 'comfortable' | 'tight' | 'short';

/** Advised share kept, in click rates; and the one below which hardly a non-click is kept per click. */
const ADVISED_RATES = 5;
const LEAST_RATES = 2;
/** A verdict changes only when the ratio is this far, relatively, past the border: a warning must not flicker. */
const HYSTERESIS = 0.1;
/** Samples that count as the present, and the least before anything is said. */
const WINDOW_SAMPLES = 50_000;
const LEAST_SAMPLES = 5_000;

/** The verdict on a ratio of share kept to click rate, holding on to the last one near a border. */
export function carrying(ratio: number, last: Carrying | undefined): Carrying {
  const border = (rates: number, isAbove: boolean): number =>
    rates * (last === undefined ? 1 : isAbove ? 1 - HYSTERESIS : 1 + HYSTERESIS);
  if (ratio < border(LEAST_RATES, last !== 'short')) return 'short';
  return ratio < border(ADVISED_RATES, last === 'comfortable') ? 'tight' : 'comfortable';
}

/**
 * Says at run time when the budget cannot carry the click rate: variance grows about 1 + 1/(b/ρ − 1). One warning a
 * change, never one a batch.
 * Source: Fithian & Hastie 2014, Local case-control sampling, §4.
 */
export class BudgetWatch {
  private seen = 0;
  private eligible = 0;
  private kept = 0;
  private positive = 0;
  private verdict: Carrying | undefined;

  constructor(
    private readonly logger: Pick<Logger, 'warn' | 'info'>,
    private readonly metrics: Pick<Metrics, 'gauge'>,
    private readonly partition: number,
  ) {}

  /** Takes the counts before and after a unit of work. */
  observe(before: Counts, after: Counts): void {
    const seen = after.samplesSeen - before.samplesSeen;
    if (seen === 0) return;
    const remembered = Math.exp(-seen / WINDOW_SAMPLES);
    this.seen = this.seen * remembered + seen;
    this.eligible = this.eligible * remembered + seen - (after.samplesAudit - before.samplesAudit);
    this.kept = this.kept * remembered + after.samplesKept - before.samplesKept;
    this.positive = this.positive * remembered + after.samplesPositive - before.samplesPositive;
    if (this.seen < LEAST_SAMPLES || this.positive === 0 || this.eligible === 0) return;
    const keptFraction = this.kept / this.eligible;
    const clickRate = this.positive / this.seen;
    const ratio = keptFraction / clickRate;
    this.metrics.gauge('sluice_budget_to_click_rate_ratio', ratio, { partition: String(this.partition) });
    const verdict = carrying(ratio, this.verdict);
    if (verdict === this.verdict) return;
    const wasShort = this.verdict === 'short';
    this.verdict = verdict;
    const fields = {
      partition: this.partition,
      keptFraction,
      clickRate,
      advisedBudget: Math.min(1, ADVISED_RATES * clickRate),
    };
    if (verdict === 'short')
      this.logger.warn('the budget cannot carry the click rate: keep at least 5 times the click rate', fields);
    else if (wasShort) this.logger.info('the budget carries the click rate again', fields);
  }
}

import type { TrainingRows } from '../../../ports/trainer.js';

/** Watches the log loss on the rows from `fitCount` on and says when boosting has passed its best round. */
export class BestRound {
  /** Rounds up to and including the best one. */
  rounds = 0;
  private lowest = Infinity;

  constructor(
    private readonly training: TrainingRows,
    private readonly fitCount: number,
    private readonly patienceRounds: number,
  ) {}

  /** Never true without rows to watch. */
  isOver(round: number): boolean {
    return this.fitCount < this.training.rowCount && round - this.rounds >= this.patienceRounds;
  }

  /** Takes the margins (offsets included) after a round. */
  judge(round: number, margins: Float64Array): void {
    const { labels, weights, rowCount } = this.training;
    let loss = 0;
    for (let i = this.fitCount; i < rowCount; i++) {
      const z = labels[i] === 1 ? margins[i]! : -margins[i]!;
      loss += weights[i]! * (Math.max(0, -z) + Math.log1p(Math.exp(-Math.abs(z))));
    }
    if (loss >= this.lowest) return;
    this.lowest = loss;
    this.rounds = round + 1;
  }
}

import { rowsOfReservoir } from '../../bundle/row-bytes.js';
import type { Config } from '../../config/schema.js';
import type { PoolMemory } from './selection-memory.js';
import { Threshold } from './threshold.js';

/** What the learner's pool is to hold. */
export interface PoolPlan {
  /** `retrain.budget`: the largest share of the samples that it takes, above `selection.budget`. */
  readonly budget: number;
  /** Rows that it has room for. */
  readonly rowCount: number;
}

/** The plan of a config; undefined where the learner gets the kept samples alone. */
export function poolPlanOf(
  { retrain, selection }: Pick<Config, 'retrain' | 'selection'>,
  columnCount: number,
): PoolPlan | undefined {
  if (retrain.budget <= selection.budget) return undefined;
  return { budget: retrain.budget, rowCount: rowsOfReservoir(retrain, columnCount) };
}

/**
 * The share of the samples that the learner's pool takes:
 * b = max( selection.budget, min( retrain.budget, rowCount / (partitions × samples so far) ) ).
 * While all samples so far fit, it takes all; then so many that those of the whole past would fit; never fewer than are
 * kept. It depends on how many samples the partition has seen, so it is a function of the input.
 */
export class PoolBudget {
  private readonly scored: Threshold;
  private readonly unscored: Threshold;
  private seen: number;

  constructor(
    private readonly plan: PoolPlan,
    private readonly settings: Pick<Config['selection'], 'budget' | 'defensiveShare' | 'controllerRate'>,
    private readonly partitionCount: number,
    memory: PoolMemory = { seen: 0, lnMus: [null, null], ages: [null, null] },
  ) {
    const { defensiveShare, controllerRate } = settings;
    const controller = (index: 0 | 1): Threshold =>
      new Threshold(1, defensiveShare, controllerRate, memory.lnMus[index], memory.ages[index]);
    this.scored = controller(0);
    this.unscored = controller(1);
    this.seen = memory.seen;
  }

  /** Counts a sample, and gives the controller that decides on it, its budget set. */
  next(isScored: boolean): Threshold {
    const controller = isScored ? this.scored : this.unscored;
    const { plan, settings, partitionCount } = this;
    const room = plan.rowCount / (partitionCount * ++this.seen);
    controller.budget = Math.max(settings.budget, Math.min(plan.budget, room));
    return controller;
  }

  /** For the progress record. */
  get memory(): PoolMemory {
    const { scored, unscored, seen } = this;
    return { seen, lnMus: [scored.state, unscored.state], ages: [scored.youth, unscored.youth] };
  }
}

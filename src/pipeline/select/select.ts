import { reserve } from '../../bundle/bundle.js';
import { SELECTED } from '../../bundle/sample.js';
import type { Config } from '../../config/schema.js';
import { FLAG_BITS } from '../../events/flags.js';
import type { Goals } from '../../events/goals.js';
import { SURFACES, type SamplingRates } from '../../events/words.js';
import { traitsOf } from '../score/scorers.js';
import type { Key, KeyOf } from '../state/keys.js';
import { uniform } from '../state/keys.js';
import { Budgets } from './budgets.js';
import { BusinessValue } from './business-value.js';
import { importanceOf, isByChampion, offsetOf, type Importances } from './importances.js';
import { KeepRules } from './keep-rules.js';
import { PoolBudget, type PoolPlan } from './pool-budget.js';
import type { SampleFacts } from './sample-facts.js';
import { ALL_KEPT, rateOf, ratesOf } from './sampling-rates.js';
import type { SelectionColumns } from './selection-columns.js';
import type { SelectionMemory } from './selection-memory.js';
import type { Threshold } from './threshold.js';

export type { Importances } from './importances.js';
export { selectionColumns, type SelectionColumns } from './selection-columns.js';

const CONTRADICTED = FLAG_BITS.contradicted;

/** What became of a sample. */
export const DROPPED = 0;
export const KEPT = 1;
export const AUDIT = 2;

/** What a selector needs to know besides the config's section. */
export interface SelectorSurroundings {
  /** Default CLICK. */
  readonly goals?: Goals;
  /** Partitions that share a budget per second; default 1. */
  readonly partitionCount?: number;
  /** From the progress record. */
  readonly memory?: SelectionMemory;
  /** Cap of π for samples flagged as contradicted; default 1: none. */
  readonly contradictedAtMost?: number;
  /** What the learner's pool is to hold; absent: the learner gets the kept samples alone. */
  readonly pool?: PoolPlan | undefined;
}

/** What decides on a sample beside its label and importance. */
interface Stand {
  readonly controller: Threshold;
  /** Business value of surface and category. */
  readonly context: number;
  readonly surface: number;
  readonly category: string | null;
  readonly atMost: number;
  /** Chances with which the log kept such impressions before; ones where nothing has scored the sample. */
  readonly rates: SamplingRates;
}

/** A sample's label and what it weighs. */
interface Worth {
  readonly label: number;
  /** Its importance, and what it would be with the other label. */
  readonly own: number;
  readonly other: number;
  /** Its business value, over the chance with which the log kept it. */
  readonly worth: number;
}

interface PoolDecision {
  readonly probability: number;
  readonly offset: number;
}

/**
 * Decides by a coin, not by a cut: each sample is kept with its inclusion probability, and the coin is a hash of salt and
 * sample id, so that replays repeat and smaller budgets nest inside larger ones. A uniform slice picked by another hash is
 * set aside for judging. Without importances (the uniform scorer) every sample counts the same.
 *
 * π = throttle · bound(α·b + (1 − α)·min(1, v·s/(r·μ))), v the business value, r the rate at which an earlier sampling kept
 * such samples (each stands for 1/r, and r·π should go by what it teaches), bound the floors and caps of the sample's label
 * and stratum, and the cap of samples flagged as contradicted (a flag that knows the past of the source alone, never the
 * label, so it is a stratum too). The controller sees the bounded π before the throttle: floors are paid from the budget,
 * a throttle is not made up for. Under `top` π is 1 or 0 by the hard cut.
 *
 * The learner's pool takes what the same coin keeps at a larger budget: its π is by a controller of its own and never below
 * that of the sample, so whatever is kept is in the pool, and its offset is by that π. No throttle lies on it. Under `top`
 * its π is its budget, or 1 above the cut.
 */
export class Selector {
  private readonly budgets: Budgets;
  private readonly rules: KeepRules;
  private readonly value: BusinessValue;
  private readonly coinSalt: Key;
  private readonly auditSalt: Key;
  private readonly isCut: boolean;
  private readonly contradictedAtMost: number;
  private readonly pool: PoolBudget | undefined;

  constructor(
    private readonly settings: Config['selection'],
    keyOf: KeyOf,
    lnMu: number | null,
    {
      goals = { goal: 'CLICK' },
      partitionCount = 1,
      memory = {},
      contradictedAtMost = 1,
      pool,
    }: SelectorSurroundings = {},
  ) {
    this.budgets = new Budgets(settings, lnMu, memory, partitionCount);
    this.rules = new KeepRules(settings.keep, SURFACES);
    this.value = new BusinessValue(settings.value, goals, memory.outcomes);
    this.isCut = traitsOf(settings.scorer).keepsBy === 'cut';
    this.contradictedAtMost = contradictedAtMost;
    this.pool = pool && new PoolBudget(pool, settings, partitionCount, memory.pool);
    this.coinSalt = keyOf(`coin:${settings.salt}`);
    // The audit slice keeps its samples when the salt changes, or a new salt would train on what judged before.
    this.auditSalt = keyOf('audit');
  }

  /** State of the shared controller for the progress record. */
  get lnMu(): number | null {
    return this.budgets.lnMu;
  }

  /** Everything else that the progress record must hold. */
  get memory(): SelectionMemory {
    const outcomes = this.value.memory;
    const pool = this.pool?.memory;
    return { ...this.budgets.memory, ...(pool ? { pool } : {}), ...(outcomes ? { outcomes } : {}) };
  }

  /** True when the sample belongs to the audit slice. */
  isAudit(sample: Key): boolean {
    return uniform(sample, this.auditSalt) < this.settings.auditFraction;
  }

  /** The number in [0, 1) that a sample draws: kept where it is below π. */
  coin(sample: Key): number {
    return uniform(sample, this.coinSalt);
  }

  /**
   * Fills the columns for `count` samples, in order.
   * @param samples key of each sample's id
   * @param labels 0 or 1
   * @param facts needed where the config speaks of surfaces, categories, outcomes or seconds
   */
  select(
    samples: Float64Array,
    labels: Uint8Array,
    count: number,
    importances: Importances | undefined,
    into: SelectionColumns,
    facts?: SampleFacts,
  ): void {
    reserve(SELECTED, into, count);
    const isControlled = importances !== undefined || !this.rules.isEmpty || !this.value.isTrivial;
    const isScored = isByChampion(importances);
    if (importances && this.isCut) this.beginCut(samples, labels, count, importances, facts);
    for (let i = 0; i < count; i++) {
      const label = labels[i]!;
      const surface = facts ? facts.surfaces[i]! : 0;
      const category = facts ? facts.categories[i]! : null;
      const rank = facts ? facts.ranks[i]! : -1;
      const context = this.value.context(surface, category);
      const value = this.worth(context, label, surface, rank, facts !== undefined);
      const importance = importances ? importanceOf(importances, label, i) : 1;
      into.importances[i] = importance * value;
      const rates = importances && facts ? ratesOf(facts, i) : ALL_KEPT;
      const worth = value / rates[label]!;
      into.pooled[i] = into.poolProbabilities[i] = into.poolOffsets[i] = 0;
      if (this.isAudit(samples[i]!)) {
        into.fates[i] = AUDIT;
        into.inclusionProbabilities[i] = this.settings.auditFraction;
        into.logOddsOffsets[i] = 0;
        continue;
      }
      if (facts) this.budgets.arrive(facts.timesMs[i]!);
      const controller = this.budgets.of(surface, isScored);
      const atMost = facts?.flags && (facts.flags[i]! & CONTRADICTED) !== 0 ? this.contradictedAtMost : 1;
      const stand: Stand = { controller, context, surface, category, atMost, rates };
      const other = importances ? importanceOf(importances, 1 - label, i) : 1;
      let probability = Math.min(atMost, controller.budget);
      let offset = 0;
      if (isControlled && !(this.isCut && importances)) controller.begin(importance * worth);
      if (this.pool) {
        const pooled = this.fill(
          stand,
          this.pool.next(isScored),
          { label, own: importance, other, worth },
          isControlled,
        );
        into.pooled[i] = this.coin(samples[i]!) < pooled.probability ? 1 : 0;
        into.poolProbabilities[i] = pooled.probability;
        into.poolOffsets[i] = pooled.offset;
      }
      if (isControlled && this.isCut && importances) {
        probability = controller.cut(importance * worth);
        controller.followCut(probability);
      } else if (isControlled) {
        probability = this.chance(importance * worth, label, stand);
        const ifOther = this.ifLabelled(1 - label, other, stand);
        const ifOwn = this.value.splitsLabels ? this.ifLabelled(label, importance, stand) : probability;
        offset = offsetOf(label, ifOwn, ifOther);
        controller.follow(probability);
      }
      if (this.value.splitsLabels) this.value.count(rank);
      this.decide(samples[i]!, probability, offset, i, into);
    }
  }

  private decide(sample: Key, probability: number, offset: number, i: number, into: SelectionColumns): void {
    const throttled = this.settings.throttle * probability;
    into.fates[i] = uniform(sample, this.coinSalt) < throttled ? KEPT : DROPPED;
    into.inclusionProbabilities[i] = throttled;
    into.logOddsOffsets[i] = offset;
  }

  private worth(context: number, label: number, surface: number, rank: number, isRankKnown: boolean): number {
    return context * (isRankKnown ? this.value.outcome(rank) : this.value.label(label, surface));
  }

  /** Decides on the pool by the same coin; the sample's own controller stands as it does for its own decision. */
  private fill(
    stand: Stand,
    pool: Threshold,
    { label, own, other, worth }: Worth,
    isControlled: boolean,
  ): PoolDecision {
    const { atMost, controller } = stand;
    if (pool.budget >= 1) return { probability: atMost, offset: 0 };
    if (!isControlled)
      return {
        probability: Math.min(atMost, Math.max(this.settings.throttle * controller.budget, pool.budget)),
        offset: 0,
      };
    pool.begin(own * worth);
    const probability = this.poolChance(own * worth, label, stand, pool);
    const ifOwn = this.value.splitsLabels ? this.ifLabelled(label, own, stand, pool) : probability;
    const offset = offsetOf(label, ifOwn, this.ifLabelled(1 - label, other, stand, pool));
    pool.follow(probability);
    return { probability, offset };
  }

  /** π before the throttle. */
  private chance(worth: number, label: number, { controller, surface, category, atMost }: Stand): number {
    return Math.min(atMost, this.rules.bound(controller.probability(worth), label, surface, category));
  }

  /** π of the pool: never below what the throttle leaves of the sample's own, and free of the caps of labels and strata. */
  private poolChance(worth: number, label: number, stand: Stand, pool: Threshold): number {
    const own = this.isCut ? stand.controller.cut(worth) : this.chance(worth, label, stand);
    const share = this.isCut ? pool.budget : pool.probability(worth);
    return Math.max(this.settings.throttle * own, Math.min(stand.atMost, share));
  }

  /** What π would have been with this label, before the throttle (which is the same for both); or that of the pool. */
  private ifLabelled(label: number, importance: number, stand: Stand, pool?: Threshold): number {
    const { value } = this;
    const chance = (factor: number): number => {
      const worth = (importance * stand.context * factor) / stand.rates[label]!;
      return pool ? this.poolChance(worth, label, stand, pool) : this.chance(worth, label, stand);
    };
    if (!value.splitsLabels) return chance(value.label(label, stand.surface));
    const [from, to] = value.ranksOf(label, stand.surface);
    let mean = 0;
    for (let rank = from; rank < to; rank++)
      mean += value.share(rank, label, stand.surface) * chance(value.outcome(rank));
    return mean;
  }

  /** Gives hard cuts that have not seen a sample the μ that meets their budget on these. */
  private beginCut(
    samples: Float64Array,
    labels: Uint8Array,
    count: number,
    importances: Importances,
    facts: SampleFacts | undefined,
  ): void {
    if (!this.budgets.hasToBegin(true)) return;
    const eligible = new Map<Threshold, number[]>();
    for (let i = 0; i < count; i++) {
      if (this.isAudit(samples[i]!)) continue;
      const surface = facts ? facts.surfaces[i]! : 0;
      const controller = this.budgets.of(surface, true);
      if (controller.state !== null) continue;
      const context = this.value.context(surface, facts ? facts.categories[i]! : null);
      const rate = facts ? rateOf(facts, labels[i]!, i) : 1;
      const worth = this.worth(context, labels[i]!, surface, facts ? facts.ranks[i]! : -1, facts !== undefined) / rate;
      const list = eligible.get(controller);
      const importance = importanceOf(importances, labels[i]!, i) * worth;
      if (list) list.push(importance);
      else eligible.set(controller, [importance]);
    }
    for (const [controller, found] of eligible) controller.beginCut(Float64Array.from(found));
  }
}

import { reserve } from '../../bundle/bundle.js';
import { SELECTED } from '../../bundle/sample.js';
import type { Config } from '../../config/schema.js';
import { FLAG_BITS } from '../../events/flags.js';
import { SURFACES, type InteractionType } from '../../events/words.js';
import { scorerNamed } from '../score/scorers.js';
import type { Key, KeyOf } from '../state/keys.js';
import { uniform } from '../state/keys.js';
import { Budgets } from './budgets.js';
import { BusinessValue } from './business-value.js';
import type { Importances } from './importances.js';
import { KeepRules } from './keep-rules.js';
import type { SampleFacts } from './sample-facts.js';
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
  readonly goal?: InteractionType;
  /** Partitions that share a budget per second; default 1. */
  readonly partitionCount?: number;
  /** From the progress record. */
  readonly memory?: SelectionMemory;
  /** Cap of π for samples flagged as contradicted; default 1: none. */
  readonly contradictedAtMost?: number;
}

/**
 * Decides by a coin, not by a cut: each sample is kept with its inclusion probability, and the coin is a hash of salt and
 * sample id, so that replays repeat and smaller budgets nest inside larger ones. A uniform slice picked by another hash is
 * set aside for judging. Without importances (the uniform scorer) every sample counts the same.
 *
 * π = throttle · bound(α·b + (1 − α)·min(1, v·s/μ)), v the business value, bound the floors and caps of the sample's label
 * and stratum, and the cap of samples flagged as contradicted (a flag that knows the past of the source alone, never the
 * label, so it is a stratum too). The controller sees the bounded π before the throttle: floors are paid from the budget,
 * a throttle is not made up for. Under `top` π is 1 or 0 by the hard cut.
 */
export class Selector {
  private readonly budgets: Budgets;
  private readonly rules: KeepRules;
  private readonly value: BusinessValue;
  private readonly coinSalt: Key;
  private readonly auditSalt: Key;
  private readonly isCut: boolean;
  private readonly contradictedAtMost: number;

  constructor(
    private readonly settings: Config['selection'],
    keyOf: KeyOf,
    lnMu: number | null,
    { goal = 'CLICK', partitionCount = 1, memory = {}, contradictedAtMost = 1 }: SelectorSurroundings = {},
  ) {
    this.budgets = new Budgets(settings, lnMu, memory, partitionCount);
    this.rules = new KeepRules(settings.keep, SURFACES);
    this.value = new BusinessValue(settings.value, goal, memory.outcomes);
    this.isCut = scorerNamed(settings.scorer).keepsBy === 'cut';
    this.contradictedAtMost = contradictedAtMost;
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
    return { ...this.budgets.memory, ...(outcomes ? { outcomes } : {}) };
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
      const worth = this.worth(context, label, rank, facts !== undefined);
      const importance = importances ? importanceOf(importances, label, i) : 1;
      into.importances[i] = importance * worth;
      if (this.isAudit(samples[i]!)) {
        into.fates[i] = AUDIT;
        into.inclusionProbabilities[i] = this.settings.auditFraction;
        into.logOddsOffsets[i] = 0;
        continue;
      }
      if (facts) this.budgets.arrive(facts.timesMs[i]!);
      const controller = this.budgets.of(surface, isScored);
      const atMost = facts?.flags && (facts.flags[i]! & CONTRADICTED) !== 0 ? this.contradictedAtMost : 1;
      let probability = Math.min(atMost, controller.budget);
      let offset = 0;
      if (isControlled && this.isCut && importances) {
        probability = controller.cut(importance * worth);
        controller.followCut(probability);
      } else if (isControlled) {
        controller.begin(importance * worth);
        probability = Math.min(
          atMost,
          this.rules.bound(controller.probability(importance * worth), label, surface, category),
        );
        const other = importances ? importanceOf(importances, 1 - label, i) : 1;
        const ifOther = this.ifLabelled(1 - label, other, context, controller, surface, category, atMost);
        const ifOwn = this.value.splitsLabels
          ? this.ifLabelled(label, importance, context, controller, surface, category, atMost)
          : probability;
        offset = label === 1 ? Math.log(ifOwn / ifOther) : Math.log(ifOther / ifOwn);
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

  private worth(context: number, label: number, rank: number, isRankKnown: boolean): number {
    return context * (isRankKnown ? this.value.outcome(rank) : this.value.label(label));
  }

  /** What π would have been with this label, before the throttle (which is the same for both). */
  private ifLabelled(
    label: number,
    importance: number,
    context: number,
    controller: Threshold,
    surface: number,
    category: string | null,
    atMost: number,
  ): number {
    const { value, rules } = this;
    if (!value.splitsLabels)
      return Math.min(
        atMost,
        rules.bound(controller.probability(importance * context * value.label(label)), label, surface, category),
      );
    const [from, to] = value.ranksOf(label);
    let mean = 0;
    for (let rank = from; rank < to; rank++)
      mean +=
        value.share(rank, label) *
        Math.min(
          atMost,
          rules.bound(controller.probability(importance * context * value.outcome(rank)), label, surface, category),
        );
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
      const worth = this.worth(context, labels[i]!, facts ? facts.ranks[i]! : -1, facts !== undefined);
      const list = eligible.get(controller);
      const importance = importanceOf(importances, labels[i]!, i) * worth;
      if (list) list.push(importance);
      else eligible.set(controller, [importance]);
    }
    for (const [controller, found] of eligible) controller.beginCut(Float64Array.from(found));
  }
}

function isByChampion(importances: Importances | undefined): boolean {
  return importances !== undefined && importances.isPrior !== true;
}

function importanceOf({ ifNegative, ifPositive }: Importances, label: number, i: number): number {
  return label === 1 ? ifPositive[i]! : ifNegative[i]!;
}

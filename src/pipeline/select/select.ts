import type { Config } from '../../config/schema.js';
import type { Key, KeyOf } from '../state/keys.js';
import { uniform } from '../state/keys.js';
import { Threshold } from './threshold.js';

/** What became of a sample. */
export const DROPPED = 0;
export const KEPT = 1;
export const AUDIT = 2;

/** Columns of a batch's selection facts, one entry a sample; reused from batch to batch. */
export class SelectionColumns {
  fate = new Uint8Array(0);
  importance = new Float64Array(0);
  inclusionProbability = new Float64Array(0);
  logOddsOffset = new Float64Array(0);

  /** Makes room for `count` samples. */
  reserve(count: number): void {
    if (this.fate.length >= count) return;
    this.fate = new Uint8Array(count);
    this.importance = new Float64Array(count);
    this.inclusionProbability = new Float64Array(count);
    this.logOddsOffset = new Float64Array(count);
  }
}

/** Importances of a scored batch for both labels; undefined before the first snapshot. */
export interface Importances {
  readonly ifNegative: Float64Array;
  readonly ifPositive: Float64Array;
}

/**
 * Decides by a coin, not by a cut: each sample is kept with its inclusion probability, and the coin is a hash of salt and
 * sample id, so that replays repeat and smaller budgets nest inside larger ones. A uniform slice picked by another hash is
 * set aside for judging. Without importances (no snapshot yet, or the uniform scorer) every sample has π = budget.
 */
export class Selector {
  private readonly threshold: Threshold;
  private readonly coinSalt: Key;
  private readonly auditSalt: Key;

  constructor(
    private readonly settings: Config['selection'],
    keyOf: KeyOf,
    lnMu: number | null,
  ) {
    this.threshold = new Threshold(settings.budget, settings.defensiveShare, settings.controllerRate, lnMu);
    this.coinSalt = keyOf(`coin:${settings.salt}`);
    // The audit slice keeps its samples when the salt changes, or a new salt would train on what judged before.
    this.auditSalt = keyOf('audit');
  }

  /** Controller state for the progress record. */
  get lnMu(): number | null {
    return this.threshold.state;
  }

  /** True when the sample belongs to the audit slice. */
  isAudit(sample: Key): boolean {
    return uniform(sample, this.auditSalt) < this.settings.auditFraction;
  }

  /**
   * Fills the columns for `count` samples, in order.
   * @param samples key of each sample's id
   * @param labels 0 or 1
   */
  select(samples: Float64Array, labels: Uint8Array, count: number, importances: Importances | undefined, into: SelectionColumns): void {
    into.reserve(count);
    if (importances) this.beginThreshold(samples, labels, count, importances);
    for (let i = 0; i < count; i++) {
      if (this.isAudit(samples[i]!)) {
        into.fate[i] = AUDIT;
        into.importance[i] = importances ? importanceOf(importances, labels[i]!, i) : 1;
        into.inclusionProbability[i] = this.settings.auditFraction;
        into.logOddsOffset[i] = 0;
        continue;
      }
      let probability = this.settings.budget;
      into.importance[i] = 1;
      into.logOddsOffset[i] = 0;
      if (importances) {
        const ifNegative = this.threshold.probability(importances.ifNegative[i]!);
        const ifPositive = this.threshold.probability(importances.ifPositive[i]!);
        probability = labels[i] === 1 ? ifPositive : ifNegative;
        into.importance[i] = importanceOf(importances, labels[i]!, i);
        into.logOddsOffset[i] = Math.log(ifPositive / ifNegative);
        this.threshold.follow(probability);
      }
      into.inclusionProbability[i] = probability;
      into.fate[i] = uniform(samples[i]!, this.coinSalt) < probability ? KEPT : DROPPED;
    }
  }

  private beginThreshold(samples: Float64Array, labels: Uint8Array, count: number, importances: Importances): void {
    if (this.threshold.state !== null) return;
    const eligible: number[] = [];
    for (let i = 0; i < count; i++) if (!this.isAudit(samples[i]!)) eligible.push(importanceOf(importances, labels[i]!, i));
    this.threshold.begin(Float64Array.from(eligible));
  }
}

function importanceOf({ ifNegative, ifPositive }: Importances, label: number, i: number): number {
  return label === 1 ? ifPositive[i]! : ifNegative[i]!;
}

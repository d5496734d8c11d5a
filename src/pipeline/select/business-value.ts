import type { Config } from '../../config/schema.js';
import { goalRanks, type Goals } from '../../events/goals.js';
import { INTERACTION_TYPES, SURFACES } from '../../events/words.js';

/** Outcomes by rank + 1: NONE, then the interaction types. */
const OUTCOMES = ['NONE', ...INTERACTION_TYPES] as const;

/**
 * What a sample is worth to the business: factors by surface, category and outcome that multiply its importance. Surface
 * and category are known whatever the label, so offset and weight stay exact. The outcome is not: a sample of label 0 has
 * none of the outcomes of label 1. What π would have been is then a mean over the outcomes of that label, by their shares
 * so far; the weight 1/π of the sample itself stays exact, the offset is exact where those shares depend on nothing else.
 */
export class BusinessValue {
  private readonly ofSurface: Float64Array;
  private readonly ofCategory: ReadonlyMap<string, number>;
  private readonly ofOutcome: Float64Array;
  private readonly seen: Float64Array;
  /** By surface, the place of the weakest outcome of label 1 among the outcomes. */
  private readonly firstPositive: readonly number[];
  /** True when every factor is 1. */
  readonly isTrivial: boolean;
  /** True when two outcomes of one label are worth different: π then depends on more than the label. */
  readonly splitsLabels: boolean;

  /** @param seen samples so far by rank + 1, from the progress record */
  constructor(settings: Config['selection']['value'], goals: Goals, seen: readonly number[] = []) {
    this.ofSurface = Float64Array.from(SURFACES, (surface) => settings.surfaces[surface] ?? 1);
    this.ofCategory = new Map(Object.entries(settings.categories));
    this.ofOutcome = Float64Array.from(OUTCOMES, (outcome) => settings.outcomes[outcome] ?? 1);
    this.firstPositive = goalRanks(goals).map((rank) => rank + 1);
    this.seen = new Float64Array(OUTCOMES.length);
    this.seen.set(seen.slice(0, OUTCOMES.length));
    const isOne = (factors: Float64Array): boolean => factors.every((factor) => factor === factors[0]);
    this.splitsLabels = this.firstPositive.some(
      (from) => !isOne(this.ofOutcome.slice(0, from)) || !isOne(this.ofOutcome.slice(from)),
    );
    this.isTrivial = [...this.ofSurface, ...this.ofCategory.values(), ...this.ofOutcome].every(
      (factor) => factor === 1,
    );
  }

  /** Factor of surface and category. */
  context(surface: number, category: string | null): number {
    return this.ofSurface[surface]! * (category === null ? 1 : (this.ofCategory.get(category) ?? 1));
  }

  /** Factor of the outcome of a rank. */
  outcome(rank: number): number {
    return this.ofOutcome[rank + 1]!;
  }

  /** The one factor of a label where {@link splitsLabels} is false. */
  label(label: number, surface: number): number {
    return this.ofOutcome[label === 1 ? this.firstPositive[surface]! : 0]!;
  }

  /** First rank of a label on a surface, and the one after its last. */
  ranksOf(label: number, surface: number): readonly [number, number] {
    const from = this.firstPositive[surface]! - 1;
    return label === 1 ? [from, OUTCOMES.length - 1] : [-1, from];
  }

  /** Share of an outcome among the samples of its label so far; a sample of the plainest outcome counts beforehand. */
  share(rank: number, label: number, surface: number): number {
    const [from, to] = this.ranksOf(label, surface);
    let total = 1;
    for (let other = from; other < to; other++) total += this.seen[other + 1]!;
    return (this.seen[rank + 1]! + (rank === from ? 1 : 0)) / total;
  }

  /** Counts a sample's outcome, after its own shares were asked for. */
  count(rank: number): void {
    this.seen[rank + 1]!++;
  }

  /** For the progress record; undefined where nothing depends on it. */
  get memory(): readonly number[] | undefined {
    return this.splitsLabels ? [...this.seen] : undefined;
  }
}

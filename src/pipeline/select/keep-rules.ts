import type { KeepRule } from '../../config/learning-schema.js';

/**
 * Floors and caps of the inclusion probability by label and stratum, compiled into one table. A bounded probability depends
 * on label, surface and category alone besides what π depended on before, so weight and offset made of it stay exact:
 * over- and under-sampling without a bias. Rules that match apply in order, floor before cap.
 */
export class KeepRules {
  private readonly categories = new Map<string, number>();
  private readonly low: Float64Array;
  private readonly high: Float64Array;
  /** True when there is no rule: {@link bound} then changes nothing. */
  readonly isEmpty: boolean;

  /** @param surfaces in the order of their indices */
  constructor(rules: readonly KeepRule[], surfaces: readonly string[]) {
    this.isEmpty = rules.length === 0;
    for (const { category } of rules)
      if (category !== undefined && !this.categories.has(category))
        this.categories.set(category, this.categories.size + 1);
    const categoryCount = this.categories.size + 1;
    this.low = new Float64Array(surfaces.length * categoryCount * 2);
    this.high = new Float64Array(this.low.length).fill(1);
    const names = [undefined, ...this.categories.keys()];
    for (const rule of rules) {
      const { atLeast = 0, atMost = 1 } = rule;
      surfaces.forEach((surface, s) =>
        names.forEach((category, c) => {
          if (rule.surface !== undefined && rule.surface !== surface) return;
          if (rule.category !== undefined && rule.category !== category) return;
          for (const label of [0, 1]) {
            if (rule.label !== undefined && rule.label !== label) continue;
            const at = (s * categoryCount + c) * 2 + label;
            this.low[at] = Math.min(atMost, Math.max(atLeast, this.low[at]!));
            this.high[at] = Math.min(atMost, Math.max(atLeast, this.high[at]!));
          }
        }),
      );
    }
  }

  /** The probability within the bounds of its label and stratum. */
  bound(probability: number, label: number, surface: number, category: string | null): number {
    const c = category === null ? 0 : (this.categories.get(category) ?? 0);
    const at = (surface * (this.categories.size + 1) + c) * 2 + label;
    return Math.min(this.high[at]!, Math.max(this.low[at]!, probability));
  }
}

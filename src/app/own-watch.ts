import { DECLARED_OUTCOMES, RULE_OUTCOMES } from '../events/words.js';
import type { DeclaredReader } from '../pipeline/clean/declared.js';
import type { OwnRules } from '../pipeline/clean/own-rules.js';
import type { Metrics } from '../ports/metrics.js';

/** Records what became of the values of declared features, and what rules of plugins did; one for all partitions of a process. */
export class OwnWatch {
  private readonly recorded = new Map<string, number>();

  constructor(
    private readonly metrics: Metrics,
    private readonly of: {
      readonly declared: Pick<DeclaredReader, 'outcomes'> | undefined;
      readonly rules: Pick<OwnRules, 'outcomes'> | undefined;
    },
  ) {}

  /** Records what came since the last call. */
  observe(): void {
    const { declared, rules } = this.of;
    for (const [feature, counts] of declared?.outcomes ?? [])
      for (const outcome of DECLARED_OUTCOMES)
        this.record('sluice_declared_values_total', counts[outcome], { feature, outcome });
    for (const [rule, counts] of rules?.outcomes ?? [])
      for (const outcome of RULE_OUTCOMES) this.record('sluice_own_rule_total', counts[outcome], { rule, outcome });
  }

  private record(name: Parameters<Metrics['count']>[0], count: number, labels: Readonly<Record<string, string>>): void {
    const series = JSON.stringify([name, labels]);
    const more = count - (this.recorded.get(series) ?? 0);
    // The first time also with 0: every series of what the config names begins there.
    if (more === 0 && this.recorded.has(series)) return;
    this.metrics.count(name, more, labels);
    this.recorded.set(series, count);
  }
}

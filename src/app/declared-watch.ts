import { DECLARED_OUTCOMES } from '../events/words.js';
import type { DeclaredReader } from '../pipeline/clean/declared.js';
import type { Metrics } from '../ports/metrics.js';

/** Records what became of the values of declared features; one for all partitions of a process. */
export class DeclaredWatch {
  private readonly recorded = new Map<string, number>();

  constructor(
    private readonly metrics: Metrics,
    private readonly reader: Pick<DeclaredReader, 'outcomes'> | undefined,
  ) {}

  /** Records what was read since the last call. */
  observe(): void {
    for (const [feature, counts] of this.reader?.outcomes ?? []) {
      for (const outcome of DECLARED_OUTCOMES) {
        const series = `${feature} ${outcome}`;
        const more = counts[outcome] - (this.recorded.get(series) ?? 0);
        if (more === 0) continue;
        this.metrics.count('sluice_declared_values_total', more, { feature, outcome });
        this.recorded.set(series, counts[outcome]);
      }
    }
  }
}

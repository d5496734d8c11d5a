import { SluiceError } from '../../errors.js';
import type { Metrics } from '../../ports/metrics.js';

/** Counts errors by code, each one once, however many places it passes on its way. */
export class ErrorCount {
  private readonly counted = new WeakSet<object>();

  constructor(private readonly metrics: Pick<Metrics, 'count'>) {}

  /** Counts what was thrown unless it was counted before, or says that somebody asked to stop. */
  note(thrown: unknown): void {
    if (typeof thrown === 'object' && thrown !== null) {
      if (this.counted.has(thrown)) return;
      this.counted.add(thrown);
    }
    if (thrown instanceof Error && thrown.name === 'AbortError') return;
    this.metrics.count('sluice_errors_total', 1, { code: thrown instanceof SluiceError ? thrown.code : 'bug' });
  }

  /** Counts what the work throws, and throws it. */
  async around<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      this.note(thrown);
      throw thrown;
    }
  }
}

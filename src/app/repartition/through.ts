import type { Clock } from '../../ports/clock.js';
import type { Metrics } from '../../ports/metrics.js';
import { INPUTS, type InputName, type Transport } from '../../ports/transport.js';

/** Shortest time between two looks at the log. */
const LOOK_EVERY_MS = 200;
/** How old the ends may be up to which everything has gone through. */
const MOST_AGE_MS = 2_000;

type Ends = Readonly<Record<InputName, readonly number[]>>;

/**
 * Says whether the step has moved everything that stood in the inputs a moment ago: before that nobody behind it has come to
 * the end of the input, whatever the topics by session hold. It asks the log, so it is right wherever the step runs.
 */
export class Through {
  /** Ends that are waited for, and when they were looked at, monotonic ms. */
  private target: { readonly ends: Ends; readonly atMs: number } | undefined;
  private throughAtMs = -Infinity;
  private lookedMs = -Infinity;
  private looking: Promise<void> | undefined;

  constructor(
    private readonly transport: Pick<Transport, 'endOffsets' | 'committedAll'>,
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    private readonly metrics: Pick<Metrics, 'gauge'> | undefined,
  ) {}

  /** True when everything has gone through that stood there at some moment since {@link MOST_AGE_MS}. */
  async isThrough(): Promise<boolean> {
    if (this.clock.monotonicMs() - this.lookedMs >= LOOK_EVERY_MS) {
      this.looking ??= this.look().finally(() => (this.looking = undefined));
      await this.looking;
    }
    return this.clock.monotonicMs() - this.throughAtMs <= MOST_AGE_MS;
  }

  private async look(): Promise<void> {
    try {
      const atMs = this.clock.monotonicMs();
      const ends = {
        impressions: await this.transport.endOffsets('impressions'),
        interactions: await this.transport.endOffsets('interactions'),
      };
      const committed = await this.transport.committedAll();
      const left = (to: Ends, input: InputName): number =>
        to[input].reduce((sum, end, partition) => {
          return sum + Math.max(0, end - (committed.get(partition)?.offsets[input] ?? 0));
        }, 0);
      for (const input of INPUTS)
        this.metrics?.gauge('sluice_repartition_lag_records', left(ends, input), { topic: input });
      const isDone = (to: Ends): boolean => INPUTS.every((input) => left(to, input) === 0);
      if (isDone(ends)) this.throughAtMs = atMs;
      else if (this.target && isDone(this.target.ends)) this.throughAtMs = this.target.atMs;
      if (!this.target || isDone(this.target.ends)) this.target = { ends, atMs };
    } catch {
      // Whoever asks is not through; that the log does not answer is seen elsewhere.
    } finally {
      this.lookedMs = this.clock.monotonicMs();
    }
  }
}

import { catchError, EMPTY, from, type Observable } from 'rxjs';
import { messageOf } from '../errors.js';
import { decodeProgress } from '../pipeline/progress/progress.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { Transport } from '../ports/transport.js';
import { polled } from '../stream/polled.js';

const REFRESH_EVERY_MS = 2_000;

/** Samples the whole application has seen: own partitions as of now, the others' as of the last refresh. */
export class SeenSamples {
  private readonly own = new Map<number, () => number>();
  private readonly committed = new Map<number, number>();

  /** A partition is ours: its count comes from memory. */
  take(partition: number, count: () => number): void {
    this.own.set(partition, count);
  }

  /** A partition is no longer ours. */
  giveBack(partition: number): void {
    const count = this.own.get(partition);
    if (count) this.committed.set(partition, count());
    this.own.delete(partition);
  }

  /** Reads the committed counts of every partition. */
  async refresh(transport: Pick<Transport, 'committedAll'>): Promise<void> {
    for (const [partition, { progress }] of await transport.committedAll()) {
      this.committed.set(partition, decodeProgress(progress).counts.samplesSeen);
    }
  }

  /** True when some partition's count is as old as the last refresh. */
  get hasOthers(): boolean {
    return [...this.committed.keys()].some((partition) => !this.own.has(partition));
  }

  /** Samples that one partition has seen. */
  of(partition: number): number {
    return this.own.get(partition)?.() ?? this.committed.get(partition) ?? 0;
  }

  total(): number {
    let sum = 0;
    for (const count of this.own.values()) sum += count();
    for (const [partition, seen] of this.committed) if (!this.own.has(partition)) sum += seen;
    return sum;
  }
}

/**
 * Keeps the count of other instances fresh until the abort, as long as there are any; a failing look is no reason to stop.
 * The retrainer counts what they saw, too.
 */
export function refreshed(
  seen: Pick<SeenSamples, 'hasOthers' | 'refresh'>,
  transport: Pick<Transport, 'committedAll'>,
  clock: Clock,
  logger: Pick<Logger, 'warn'>,
  signal: AbortSignal,
): Observable<void> {
  return polled(clock, REFRESH_EVERY_MS, signal, () =>
    !seen.hasOthers
      ? EMPTY
      : from(seen.refresh(transport)).pipe(
          catchError((thrown: unknown) => {
            logger.warn('cannot read the progress of other instances', { reason: messageOf(thrown) });
            return EMPTY;
          }),
        ),
  );
}

import { defer, EMPTY, from, type MonoTypeOperatorFunction, retry, tap } from 'rxjs';
import { messageOf } from '../errors.js';
import type { HealthBoard } from '../observe/health-board.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import { untilAborted } from '../stream/until-aborted.js';
import { Mending } from './mend.js';
import type { ErrorCount } from './observed/error-count.js';

/** When not to mend, and where it is said. */
export interface MendedOptions {
  readonly clock: Clock;
  readonly health: Pick<HealthBoard, 'impede' | 'alarm'>;
  readonly logger: Pick<Logger, 'warn'>;
  readonly errors: Pick<ErrorCount, 'note'>;
  /** Aborted when the partition is to end anyway: a failure after that completes the stream. */
  readonly signal: AbortSignal;
}

/**
 * Begins the life of a partition anew when it fails, as often and as late as {@link Mending} allows; then its error is
 * passed on. An impediment stands from the failure on, and is an alarm once more than half of the tries are used up.
 */
export function mended<T>(
  partition: number,
  { clock, health, logger, errors, signal }: MendedOptions,
): MonoTypeOperatorFunction<T> {
  return (source$) =>
    defer(() => {
      const mending = new Mending(clock);
      return source$.pipe(
        retry({
          delay: (thrown: unknown) => {
            if (signal.aborted) return EMPTY;
            errors.note(thrown);
            const reason = messageOf(thrown);
            health[mending.isNearlySpent ? 'alarm' : 'impede'](`partition-${partition}`, reason);
            return from(mending.again(thrown, signal)).pipe(
              tap((restarts) => logger.warn('partition failed, restoring it', { partition, restarts, reason })),
              untilAborted(signal),
            );
          },
        }),
      );
    });
}

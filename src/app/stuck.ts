import { defer, finalize, type MonoTypeOperatorFunction, tap } from 'rxjs';
import { SluiceError } from '../errors.js';
import type { HealthBoard } from '../observe/health-board.js';
import type { Clock } from '../ports/clock.js';
import { watchSilence } from '../stream/silence.js';

/** Longest time between two looks. */
const LOOK_EVERY_MS = 5_000;
/** Looks in the time of the patience, so that half of it is noticed early in its second half. */
const LOOKS = 10;

/** The patience with a partition, and where its want of life is shown. */
export interface Patience {
  readonly clock: Clock;
  readonly health: Pick<HealthBoard, 'alarm' | 'relieve'>;
  /** Silence beyond which a partition is stuck. */
  readonly afterMs: number;
}

/**
 * Notices a partition that has stopped without a word: an alarm after half of the patience, until its next sign of life, and
 * the error `stuck` after all of it. The source is its signs of life: every unit of work and every step of a restore is one,
 * and an idle partition gives one every `batch.lingerMs`.
 */
export function stuckAfter<T>(partition: number, { clock, health, afterMs }: Patience): MonoTypeOperatorFunction<T> {
  return (signs$) =>
    defer(() => {
      let isAiling = false;
      const recover = (): void => {
        if (!isAiling) return;
        isAiling = false;
        health.relieve(`stuck-${partition}`);
      };
      const look = (silentMs: number): void => {
        if (silentMs <= afterMs / 2) return;
        const error = new SluiceError('stuck', { what: `partition ${partition}`, forMs: Math.round(silentMs) });
        health.alarm(`stuck-${partition}`, error.reason);
        // The alarm of one that is stuck stays.
        isAiling = silentMs <= afterMs;
        if (!isAiling) throw error;
      };
      const everyMs = Math.max(1, Math.min(LOOK_EVERY_MS, afterMs / LOOKS));
      return signs$.pipe(tap(recover), watchSilence(clock, everyMs, look), finalize(recover));
    });
}

import type { ReplayProgress } from '../pipeline/restore.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';

const REPORT_EVERY_MS = 5_000;

/** Says every few seconds how far a long restore has come and how long it will take. */
export function restoreReport(clock: Clock, logger: Logger): (progress: ReplayProgress) => void {
  const beganMs = clock.monotonicMs();
  let saidMs = beganMs;
  let first: number | undefined;
  return ({ partition, offsets, until }) => {
    const left = until.impressions - offsets.impressions + until.interactions - offsets.interactions;
    first ??= left;
    const nowMs = clock.monotonicMs();
    if (nowMs - saidMs < REPORT_EVERY_MS) return;
    saidMs = nowMs;
    const doneFraction = first > 0 ? 1 - left / first : 1;
    const leftSeconds =
      doneFraction > 0 ? Math.round((((nowMs - beganMs) / doneFraction) * (1 - doneFraction)) / 1000) : null;
    logger.info('restoring', { partition, offsets, until, doneFraction: Number(doneFraction.toFixed(3)), leftSeconds });
  };
}

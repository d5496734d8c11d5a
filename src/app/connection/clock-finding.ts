import type { ClockDifference } from '../../adapters/kafka/index.js';
import { fine, problem, unknown, type Finding } from './finding.js';

/** Two clocks of machines that follow the same time server differ by less than this. */
const MOST_APART_MS = 2_000;

/** What the difference of the broker's clock to ours means. */
export function clockFinding(difference: ClockDifference | null): Finding {
  if (difference === null) return unknown('clock', 'this broker does not tell its time (it is older than Kafka 3.0)');
  const { aheadMs, marginMs } = difference;
  const apart = Math.abs(aheadMs);
  const margin = `± ${(Math.ceil(marginMs) / 1_000).toFixed(3)} s`;
  if (apart <= MOST_APART_MS + marginMs)
    return fine('clock', `within ${(apart / 1_000).toFixed(3)} s (${margin}) of the broker's`);
  return problem(
    'clock',
    `this machine's clock is ${(apart / 1_000).toFixed(1)} s ${aheadMs > 0 ? 'behind' : 'ahead of'} the broker's (${margin})`,
    'Let both follow a time server (NTP): idle watermarks, tokens and certificates go by this clock, clean.maxFutureMs by the broker’s.',
  );
}

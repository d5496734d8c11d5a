import { parseIsoMs } from '../../events/iso-time.js';
import { numberIn } from './numbers.js';

export type TimeUnit = 'auto' | 'ms' | 's' | 'us' | 'ns';

/**
 * Converts an event time to epoch milliseconds. `auto` tells the unit by magnitude: seconds below 10¹¹ (the year 5138),
 * milliseconds below 10¹⁴, microseconds below 10¹⁷, else nanoseconds. Below 10⁸ nothing is told: it stays as it is and
 * fails the horizon.
 */
function toEpochMs(time: number, unit: TimeUnit): number {
  switch (unit === 'auto' ? unitOf(time) : unit) {
    case 's':
      return Math.round(time * 1_000);
    case 'ms':
      return Math.round(time);
    case 'us':
      return Math.floor(time / 1_000);
    case 'ns':
      return Math.floor(time / 1_000_000);
  }
}

const UNITS_A_MS: Readonly<Record<'ms' | 'us' | 'ns', bigint>> = { ms: 1n, us: 1_000n, ns: 1_000_000n };

/**
 * Reads an event time of any wire: a number or its text in `unit`, exact beyond 2^53, an ISO 8601 text, or the `Date` that
 * a codec made of a logical type, whose unit is known. undefined when it is no time.
 */
export function readTimeMs(given: unknown, unit: TimeUnit): number | undefined {
  if (typeof given === 'number') return Number.isFinite(given) ? toEpochMs(given, unit) : undefined;
  if (given instanceof Date) return Number.isNaN(given.getTime()) ? undefined : given.getTime();
  if (typeof given !== 'string') return undefined;
  const time = numberIn(given);
  if (time === undefined) return parseIsoMs(given);
  const known = unit === 'auto' ? unitOf(time) : unit;
  if (known === 's' || Number.isSafeInteger(time) || !/^\s*\d+\s*$/.test(given)) return toEpochMs(time, known);
  return Number(BigInt(given.trim()) / UNITS_A_MS[known]);
}

function unitOf(time: number): Exclude<TimeUnit, 'auto'> {
  if (time >= 1e17) return 'ns';
  if (time >= 1e14) return 'us';
  return time >= 1e8 && time < 1e11 ? 's' : 'ms';
}

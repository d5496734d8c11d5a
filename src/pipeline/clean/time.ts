export type TimeUnit = 'auto' | 'ms' | 's' | 'us' | 'ns';

/**
 * Converts an event time to epoch milliseconds. `auto` tells the unit by magnitude: seconds below 10¹¹ (the year 5138),
 * milliseconds below 10¹⁴, microseconds below 10¹⁷, else nanoseconds. Below 10⁸ nothing is told: it stays as it is and
 * fails the horizon.
 */
export function toEpochMs(time: number, unit: TimeUnit): number {
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

function unitOf(time: number): Exclude<TimeUnit, 'auto'> {
  if (time >= 1e17) return 'ns';
  if (time >= 1e14) return 'us';
  return time >= 1e8 && time < 1e11 ? 's' : 'ms';
}

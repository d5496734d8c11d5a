import type { NumberTake } from '../../../config/declared-schema.js';
import { parseIsoMs } from '../../../events/iso-time.js';
import { compileZoneOffset } from '../../../events/zones.js';
import { numberIn } from '../numbers.js';
import { readTimeMs, type TimeUnit } from '../time.js';

/** What may be taken of a time by local clocks. */
export type LocalTake = Extract<NumberTake, 'timeOfDay' | 'dayOfWeek' | 'dayOfMonth' | 'month' | 'year'>;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The end of an ISO 8601 time that says its zone. */
const WRITTEN_ZONE = /(?<=\d)\s*(?:z|utc|[+-]\d{2}(?::?\d{2})?)$/i;
/** Years 1 to 9999, but for the days at their ends, which a zone may carry beyond. */
const FIRST_MS = Date.parse('0001-01-02T00:00:00Z');
const LAST_MS = Date.parse('9999-12-30T00:00:00Z');

/** From a time whose UTC is what local clocks show. */
const TAKES: Readonly<Record<LocalTake, (shown: Date, shownMs: number) => number>> = {
  timeOfDay: (_shown, shownMs) => (((shownMs % DAY_MS) + DAY_MS) % DAY_MS) / HOUR_MS,
  dayOfWeek: (shown) => shown.getUTCDay() || 7,
  dayOfMonth: (shown) => shown.getUTCDate(),
  month: (shown) => shown.getUTCMonth() + 1,
  year: (shown) => shown.getUTCFullYear(),
};

/**
 * Reads of a time what local clocks showed: those of `zone`, else those of the zone written in an ISO 8601 time, else UTC's.
 * Undefined for what is no time of the years 1 to 9999.
 */
export function localTake(
  take: LocalTake,
  zone: string | undefined,
  timeUnit: TimeUnit,
): (value: unknown) => number | undefined {
  const offsetMs = compileZoneOffset(zone ?? 'UTC');
  return (value) => {
    const shownMs = shownAt(value);
    if (shownMs === undefined || shownMs < FIRST_MS || shownMs > LAST_MS) return undefined;
    return TAKES[take](new Date(shownMs), shownMs);
  };

  function shownAt(value: unknown): number | undefined {
    const isWritten = zone === undefined && typeof value === 'string' && numberIn(value) === undefined;
    if (isWritten) return parseIsoMs(isDateOnly(value) ? value : value.trim().replace(WRITTEN_ZONE, ''));
    const timeMs = readTimeMs(value, timeUnit);
    if (timeMs === undefined || timeMs < FIRST_MS || timeMs > LAST_MS) return undefined;
    return timeMs + offsetMs(timeMs);
  }
}

/** A date alone ends like an offset. */
function isDateOnly(text: string): boolean {
  return /^\s*\d{4}-\d{2}-\d{2}\s*$/.test(text);
}

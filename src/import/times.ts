import { parseIsoMs } from '../events/iso-time.js';
import { TIME_UNITS, type TimeUnit } from './expression-schema.js';
import { compileTimeFormat, compileZone } from './time-format.js';

const PER_MS: Readonly<Record<'ms' | 'us' | 'ns', number>> = { ms: 1, us: 1_000, ns: 1_000_000 };

/** A reader of times as a mapping gives them: a unit, or the pattern of a text. @param zone of texts that say none */
export function compileTime(time: string, zone?: string): (value: unknown) => number | undefined {
  if (isUnit(time)) {
    if (zone === undefined) return (value) => parseTimeMs(value, time);
    const toMoment = compileZone(zone);
    return (value) => {
      const ms = parseTimeMs(value, time);
      return ms === undefined || !isWithoutZone(value) ? ms : toMoment(ms);
    };
  }
  const parse = compileTimeFormat(time, zone);
  return (value) => (typeof value === 'string' || typeof value === 'number' ? parse(String(value)) : undefined);
}

function isUnit(time: string): time is TimeUnit {
  return (TIME_UNITS as readonly string[]).includes(time);
}

/**
 * Reads a time as epoch milliseconds; undefined when it is none. ISO 8601 with `T` or a space, any fraction (cut to
 * milliseconds), zone `Z`, `UTC`, `+02:00`, `+0200` or `+02`; without a zone it is UTC. `auto` takes a number by its magnitude (before 1e11 s, before 1e14 ms, before 1e17 µs, else ns) and anything else as ISO.
 */
export function parseTimeMs(value: unknown, unit: TimeUnit): number | undefined {
  const iso = (): number | undefined => (typeof value === 'string' ? parseIsoMs(value) : undefined);
  if (unit === 'iso') return iso();
  const number =
    typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  if (!Number.isFinite(number)) return unit === 'auto' ? iso() : undefined;
  const known = unit === 'auto' ? unitOf(number) : unit;
  // A double holds an epoch in seconds to a tenth of a microsecond: whole milliseconds need the nearest, not the floor.
  return known === 's' ? Math.floor(number * 1000 + 5e-4) : Math.floor(number / PER_MS[known]);
}

/** True for an ISO text that says no zone. */
function isWithoutZone(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    /^\s*\d{4}-/.test(value) &&
    !/(?:Z|UTC|\d[+-]\d{2}(?::?\d{2})?)\s*$/i.test(value.slice(10))
  );
}

function unitOf(number: number): 's' | 'ms' | 'us' | 'ns' {
  const size = Math.abs(number);
  return size < 1e11 ? 's' : size < 1e14 ? 'ms' : size < 1e17 ? 'us' : 'ns';
}

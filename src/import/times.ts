import type { TimeUnit } from './mapping-schema.js';

const ISO =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d+))?\s*(Z|UTC|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?$/i;
const PER_MS: Readonly<Record<'ms' | 'us' | 'ns', number>> = { ms: 1, us: 1_000, ns: 1_000_000 };

/**
 * Reads a time as epoch milliseconds; undefined when it is none. ISO 8601 with `T` or a space, any fraction (cut to
 * milliseconds), zone `Z`, `UTC`, `+02:00`, `+0200` or `+02`; without a zone it is UTC. `auto` takes a number by its
 * magnitude (before 1e11 s, before 1e14 ms, before 1e17 µs, else ns) and anything else as ISO.
 */
export function parseTimeMs(value: unknown, unit: TimeUnit): number | undefined {
  if (unit === 'iso') return parseIso(value);
  const number =
    typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  if (!Number.isFinite(number)) return unit === 'auto' ? parseIso(value) : undefined;
  const known = unit === 'auto' ? unitOf(number) : unit;
  // A double holds an epoch in seconds to a tenth of a microsecond: whole milliseconds need the nearest, not the floor.
  return known === 's' ? Math.floor(number * 1000 + 5e-4) : Math.floor(number / PER_MS[known]);
}

function unitOf(number: number): 's' | 'ms' | 'us' | 'ns' {
  const size = Math.abs(number);
  return size < 1e11 ? 's' : size < 1e14 ? 'ms' : size < 1e17 ? 'us' : 'ns';
}

function parseIso(value: unknown): number | undefined {
  const match = typeof value === 'string' ? ISO.exec(value.trim()) : null;
  if (!match) return undefined;
  const [, date, clock = '00:00', fraction = '', zone = 'Z'] = match;
  const isUtc = /^(z|utc)$/i.test(zone);
  const offset = isUtc
    ? 'Z'
    : zone.length === 3
      ? `${zone}:00`
      : zone.includes(':')
        ? zone
        : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const timeMs = Date.parse(
    `${date}T${clock.length === 5 ? `${clock}:00` : clock}.${fraction.slice(0, 3).padEnd(3, '0')}${offset}`,
  );
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

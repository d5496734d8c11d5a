const ISO =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d+))?\s*(Z|UTC|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?$/i;

/**
 * Reads an ISO 8601 time as epoch milliseconds; undefined when it is none. `T` or a space, any fraction (cut to
 * milliseconds), zone `Z`, `UTC`, `+02:00`, `+0200` or `+02`; without a zone it is UTC. A day that its month does not have
 * is no time.
 */
export function parseIsoMs(text: string): number | undefined {
  const match = ISO.exec(text.trim());
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
  return Number.isNaN(timeMs) || !isDay(date!) ? undefined : timeMs;
}

/** `Date.parse` takes the 30th of February for the 1st or 2nd of March. */
function isDay(date: string): boolean {
  return new Date(`${date}T00:00:00Z`).toISOString().startsWith(date);
}

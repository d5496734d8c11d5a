/**
 * How far clocks of a zone are ahead of UTC at a moment, ms; by the rules of Node's time zone database.
 * @param zone IANA name or offset such as `+08:00`
 */
export function compileZoneOffset(zone: string): (momentMs: number) => number {
  if (zone === 'UTC') return () => 0;
  const offset = OFFSET.exec(zone);
  if (offset) {
    const [, sign, hours, minutes] = offset;
    const offsetMs = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
    return () => offsetMs;
  }
  const formatter = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (momentMs) => {
    const parts = Object.fromEntries(formatter.formatToParts(momentMs).map(({ type, value }) => [type, Number(value)]));
    const { year, month, day, hour, minute, second } = parts as Record<string, number>;
    const shown = Date.UTC(year!, month! - 1, day, hour, minute, second);
    return shown - Math.floor(momentMs / 1000) * 1000;
  };
}

/** True for a zone that times can be read in. */
export function isZone(zone: string): boolean {
  if (OFFSET.test(zone)) return true;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** Node 20 knows no zones of this form by itself. */
const OFFSET = /^([+-])([01]\d|2[0-3]):([0-5]\d)$/;

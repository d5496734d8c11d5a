const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** 1970-01-01 was a Thursday; weeks here begin on Monday. */
const EPOCH_WEEKDAY = 3;

/** Time of day (UTC) as an angle, radians. */
export function hourAngle(timeMs: number): number {
  return ((timeMs % DAY_MS) / DAY_MS) * 2 * Math.PI;
}

/** Day of the week (UTC) as an angle, radians: 0 on Monday. */
export function weekdayAngle(timeMs: number): number {
  return (((Math.floor(timeMs / DAY_MS) + EPOCH_WEEKDAY) % 7) / 7) * 2 * Math.PI;
}

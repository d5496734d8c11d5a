import { rowsBetween } from '../../bundle/bundle.js';
import { TIMED, type TimedBundle } from '../../bundle/sample.js';

/** Audit rows in two parts by time. */
export interface SplitRows {
  /** To fit a calibration on. */
  readonly older: TimedBundle;
  /** To judge on. */
  readonly newer: TimedBundle;
  /** Event time of the newest of the older rows, whole milliseconds. */
  readonly untilMs: number;
}

/**
 * Cuts the window in half by rows, the older half up to the end of its last millisecond: the impressions of one list have
 * one event time, so no list is on both sides. The cut moves forward as the window does, so what a champion was calibrated
 * on is behind the cut of every candidate after it.
 */
export function splitByTime(rows: TimedBundle): SplitRows {
  const half = rows.rowCount >> 1;
  if (half === 0) return { older: rowsBetween(TIMED, rows, 0, 0), newer: rows, untilMs: -Infinity };
  const untilMs = Math.floor(rows.timeKeys[half - 1]!);
  const cut = firstAfter(rows, untilMs);
  return { older: rowsBetween(TIMED, rows, 0, cut), newer: rowsBetween(TIMED, rows, cut, rows.rowCount), untilMs };
}

/** The rows whose event time is after `untilMs`; all of them for null. */
export function rowsAfter(rows: TimedBundle, untilMs: number | null): TimedBundle {
  return untilMs === null ? rows : rowsBetween(TIMED, rows, firstAfter(rows, untilMs), rows.rowCount);
}

function firstAfter({ timeKeys, rowCount }: TimedBundle, untilMs: number): number {
  const at = timeKeys.findIndex((key) => key >= untilMs + 1);
  return at < 0 ? rowCount : at;
}

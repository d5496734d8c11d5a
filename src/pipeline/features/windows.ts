import type { KeyTable } from '../state/key-table.js';

type WindowColumn = 'windowStartMs' | 'windowShown' | 'windowClicked' | 'previousShown' | 'previousClicked';

/** Moves an entry's pair of windows on so that `nowMs` lies in the current one. */
export function rollWindow<C extends string>(
  table: KeyTable<C | WindowColumn>,
  entry: number,
  nowMs: number,
  windowMs: number,
): void {
  const start = table.column('windowStartMs');
  const sinceMs = nowMs - start[entry]!;
  if (sinceMs < windowMs) return;
  const adjacent = sinceMs < 2 * windowMs;
  table.column('previousShown')[entry] = adjacent ? table.column('windowShown')[entry]! : 0;
  table.column('previousClicked')[entry] = adjacent ? table.column('windowClicked')[entry]! : 0;
  table.column('windowShown')[entry] = 0;
  table.column('windowClicked')[entry] = 0;
  start[entry] = nowMs - (nowMs % windowMs);
}

/**
 * Count in the sliding window that ends at `nowMs`, from two tumbling windows: the current one, and the part of the one
 * before that still overlaps, assuming even spread. Exact for a steady rate.
 */
export function windowEstimate<C extends string>(
  table: KeyTable<C | WindowColumn>,
  entry: number,
  current: 'windowShown' | 'windowClicked',
  previous: 'previousShown' | 'previousClicked',
  nowMs: number,
  windowMs: number,
): number {
  const elapsed = Math.min(1, Math.max(0, (nowMs - table.column('windowStartMs')[entry]!) / windowMs));
  return table.column(current)[entry]! + (1 - elapsed) * table.column(previous)[entry]!;
}

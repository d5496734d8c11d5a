import type { NumericColumn } from '../../bundle/bundle.js';

/**
 * Columns by name, as a part of the state gives them to a checkpoint and takes them back; a column in parts stands for all
 * of them one behind the other.
 */
export type CapturedColumns = Readonly<Record<string, NumericColumn | readonly NumericColumn[]>>;

/** A column of float64 numbers; empty when it was not captured. */
export function float64Of(captured: CapturedColumns, name: string): Float64Array {
  const column = captured[name];
  return column instanceof Float64Array ? column : new Float64Array(0);
}

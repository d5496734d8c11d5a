/** The number, or null for what JSON has no word for: NaN and infinities. */
export function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

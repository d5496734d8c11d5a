const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
] as const;

/** A length of time with one or two units: `3.2 s`, `12 min`, `4 h 10 min`, `2 d 3 h`. */
export function span(ms: number): string {
  if (ms < 0) return `-${span(-ms)}`;
  const at = UNITS.findIndex(([unitMs]) => ms >= unitMs);
  if (at < 0) return `${Number((ms / 1000).toFixed(1))} s`;
  const [unitMs, name] = UNITS[at]!;
  const count = Math.floor(ms / unitMs);
  const smaller = UNITS[at + 1];
  const rest = smaller ? Math.floor((ms - count * unitMs) / smaller[0]) : 0;
  return `${count} ${name}${smaller && rest > 0 ? ` ${rest} ${smaller[1]}` : ''}`;
}

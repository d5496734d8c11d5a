/** Numbers and times as people read them; `–` where there is none. */

const NONE = '–';
/** Between a number and its unit, so that no line breaks there. */
const GAP = '\u00a0';

type Maybe = number | null | undefined;

function has(value: Maybe): value is number {
  return value !== null && value !== undefined && Number.isFinite(value);
}

/** A count: thousands apart. */
export function whole(value: Maybe): string {
  return has(value) ? Math.round(value).toLocaleString('en') : NONE;
}

/** A rate, without its unit: two digits below ten, none above. */
export function rate(value: Maybe): string {
  if (!has(value)) return NONE;
  if (value === 0) return '0';
  return value < 10 ? value.toFixed(value < 1 ? 2 : 1) : whole(value);
}

export function share(value: Maybe, digits = 1): string {
  return has(value) ? `${(100 * value).toFixed(digits)}${GAP}%` : NONE;
}

export function decimal(value: Maybe, digits = 3): string {
  return has(value) ? minus(value.toFixed(digits)) : NONE;
}

/** With its sign, always. */
export function signed(value: Maybe, digits = 3): string {
  return has(value) ? `${value > 0 ? '+' : ''}${minus(value.toFixed(digits))}` : NONE;
}

/** A number of any size in about three digits. */
export function compact(value: Maybe): string {
  if (!has(value)) return NONE;
  if (value === 0) return '0';
  return minus(String(Number(value.toPrecision(3))));
}

function minus(text: string): string {
  return text.replace('-', '−');
}

/** A length of time in its natural unit. */
export function duration(seconds: Maybe): string {
  if (!has(seconds)) return NONE;
  const length = Math.abs(seconds);
  const sign = seconds < 0 ? '−' : '';
  if (length < 1) return `${sign}${Math.round(length * 1000)}${GAP}ms`;
  if (length < 10) return `${sign}${length.toFixed(1)}${GAP}s`;
  if (length < 120) return `${sign}${Math.round(length)}${GAP}s`;
  if (length < 7200) return `${sign}${Math.round(length / 60)}${GAP}min`;
  if (length < 172_800) return `${sign}${Math.round(length / 3600)}${GAP}h`;
  return `${sign}${Math.round(length / 86_400)}${GAP}days`;
}

/** Time of day, here. */
export function clock(ms: Maybe): string {
  return has(ms) ? new Date(ms).toLocaleTimeString('en-GB') : NONE;
}

/** Day and time, here. */
export function moment(ms: Maybe): string {
  return has(ms) ? new Date(ms).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' }) : NONE;
}

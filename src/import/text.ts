import { SluiceError } from '../errors.js';

/** Levels of arrays and objects that are printed as JSON. */
const MOST_LEVELS = 64;

/** A value as text; objects as JSON. Throws `nested-too-deep`, which a stack that overflows would say at a depth of its own. */
export function toText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return String(value as number | boolean | bigint);
  if (!isWithin(value, MOST_LEVELS)) throw new SluiceError('nested-too-deep', { limit: MOST_LEVELS });
  return JSON.stringify(value);
}

/** True when arrays and objects are nested in it no deeper than so many levels. */
function isWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((each) => isWithin(each, levels - 1));
}

/** A value as a finite number; texts are trimmed, true is 1 and false 0. */
export function toNumber(value: unknown): number | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0;
  const number =
    typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

const SURROUNDING = String.raw`[\p{L}\p{Sc}\p{Z}\s%.]*`;
/** Marks between the thousands stand before three digits (in India between them before two), else one of them is the decimal sign. */
const written = (mark: string, decimal: string): RegExp => {
  const between = `[${mark}\\s\\p{Zs}'’]`;
  const whole = `(?:\\d{1,3}(?:${between}\\d{2,3})*${between}\\d{3}|\\d+)`;
  return new RegExp(`^${SURROUNDING}([-+−]?)${SURROUNDING}(${whole}(?:${decimal}\\d+)?)${SURROUNDING}$`, 'u');
};
const WRITTEN = { ',': written('.', ','), '.': written(',', '\\.') };

/**
 * A number as people write it, with currency signs and marks between the thousands: `1.234,56 €` with a decimal comma.
 * undefined when there is none in it, more than one, or one with the other decimal sign (`616,89` read with a point).
 */
export function readWritten(value: unknown, decimal: ',' | '.'): number | undefined {
  if (typeof value !== 'string') return toNumber(value);
  const match = WRITTEN[decimal].exec(value);
  if (!match) return undefined;
  const digits = match[2]!
    .replace(decimal, '·')
    .replace(/[^\d·]/g, '')
    .replace('·', '.');
  return Number(digits) * (match[1] === '-' || match[1] === '−' ? -1 : 1);
}

import { POWERS_OF_TEN } from './powers-of-ten.js';

const FEWEST_DIGITS = 7;
const MOST_DIGITS = 9;

const bitsOf = new DataView(new ArrayBuffer(4));

/** By binary exponent: floor(log10) of the smallest number that has it, so that of a number itself or one less. */
const DECIMAL_EXPONENTS = Int8Array.from({ length: 256 }, (_, biased) => Math.floor((biased - 127) * Math.log10(2)));
/** By binary exponent: the power of ten from which on a number's own decimal exponent is one more than that. */
const NEXT_POWERS = Float64Array.from(DECIMAL_EXPONENTS, (exponent) => Number(`1e${exponent + 1}`));

/** Longest text that {@link writeFloat32Text} writes, in bytes. */
export const FLOAT32_TEXT_BYTES = 48;

/**
 * Prints a float32 as JSON and returns the position after it. The text has 7, 8 or 9 significant digits, the fewest of
 * these that, read as a double and rounded to float32, give the number back, and no trailing zeros; whole numbers within
 * 32 bits stand in full. −0 prints as 0, NaN and infinities as null. A value that is no float32 is rounded to one first.
 * Writes at most {@link FLOAT32_TEXT_BYTES} bytes.
 *
 * A decimal below 2^53 over a power of ten up to 10^22 divides to the very double that a JSON reader makes of its text
 * (both are correctly rounded), so the check is the reader's result, not an estimate of it.
 */
export function writeFloat32Text(given: number, bytes: Uint8Array, at: number): number {
  const value = Math.fround(given);
  if ((value | 0) === value && value !== -2_147_483_648) return writeInteger(value | 0, bytes, at);
  const size = Math.abs(value);
  if (!(size >= 1e-5 && size < 8_388_608)) return writeRare(value, bytes, at);
  bitsOf.setFloat32(0, size);
  const binary = bitsOf.getInt16(0) >> 7;
  const exponent = DECIMAL_EXPONENTS[binary]! + (size >= NEXT_POWERS[binary]! ? 1 : 0);
  for (let digits = FEWEST_DIGITS; digits <= MOST_DIGITS; digits++) {
    const places = digits - 1 - exponent;
    const scale = POWERS_OF_TEN[places]!;
    const decimal = (size * scale + 0.5) | 0;
    if (Math.fround(decimal / scale) !== size) continue;
    if (value < 0) bytes[at++] = 0x2d;
    return writeDecimal(decimal, places, bytes, at);
  }
  return writeRare(value, bytes, at);
}

/** Writes `decimal` / 10^`places` without trailing zeros; `decimal` is positive and below 2^31. */
function writeDecimal(decimal: number, places: number, bytes: Uint8Array, at: number): number {
  let rest = decimal | 0;
  while (places >= 3 && rest % 1000 === 0) {
    rest = (rest / 1000) | 0;
    places -= 3;
  }
  while (places > 0 && rest % 10 === 0) {
    rest = (rest / 10) | 0;
    places--;
  }
  if (places === 0) return writeDigits(rest, bytes, at, at + digitCount(rest));
  const wholeCount = Math.max(1, digitCount(rest) - places);
  const point = at + wholeCount;
  const end = point + places + 1;
  for (let i = end - 1; i > point; i--) {
    const next = (rest / 10) | 0;
    bytes[i] = 0x30 + rest - next * 10;
    rest = next;
  }
  bytes[point] = 0x2e;
  writeDigits(rest, bytes, at, point);
  return end;
}

/** Writes an integer above −2^31. */
function writeInteger(value: number, bytes: Uint8Array, at: number): number {
  if (value >= 0) return writeDigits(value, bytes, at, at + digitCount(value));
  bytes[at] = 0x2d;
  return writeDigits(-value, bytes, at + 1, at + 1 + digitCount(-value));
}

/** Fills [start, end) with the last digits of a non-negative 32-bit integer. */
function writeDigits(value: number, bytes: Uint8Array, start: number, end: number): number {
  let rest = value | 0;
  for (let i = end - 1; i >= start; i--) {
    const next = (rest / 10) | 0;
    bytes[i] = 0x30 + rest - next * 10;
    rest = next;
  }
  return end;
}

function digitCount(value: number): number {
  if (value < 10_000) return value < 100 ? (value < 10 ? 1 : 2) : value < 1_000 ? 3 : 4;
  if (value < 10_000_000) return value < 100_000 ? 5 : value < 1_000_000 ? 6 : 7;
  return value < 100_000_000 ? 8 : value < 1_000_000_000 ? 9 : 10;
}

function writeRare(value: number, bytes: Uint8Array, at: number): number {
  const text = Number.isFinite(value) ? shortText(value) : 'null';
  for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
  return at;
}

function shortText(value: number): string {
  for (let digits = FEWEST_DIGITS; digits <= MOST_DIGITS; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return `${rounded}`;
  }
  return `${value}`;
}

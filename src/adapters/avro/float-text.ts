/** Powers of ten that a double holds exactly. */
const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
const FEWEST_DIGITS = 7;
const MOST_DIGITS = 9;

const bitsOf = new DataView(new ArrayBuffer(4));

/** floor(log10) of the smallest number of each binary exponent, or one less than that of the number itself. */
const DECIMAL_EXPONENTS = Int8Array.from({ length: 256 }, (_, biased) => Math.floor((biased - 127) * Math.LOG10E * Math.LN2));

/**
 * Prints a float32 as JSON and returns the position after it. The text is the shortest of 7, 8 or 9 significant digits
 * (trailing zeros dropped) that, read as a double and rounded to float32, gives the number back; −0 prints as 0, NaN and
 * infinities as null. A value that is no float32 is rounded to one first. Writes at most 48 bytes.
 *
 * A decimal of at most 9 digits over a power of ten up to 10^22 divides to the very double a JSON reader makes of its
 * text (both correctly rounded), so the check below is the reader's result, not an estimate of it.
 */
export function writeFloat32Text(given: number, bytes: Uint8Array, at: number): number {
  const value = Math.fround(given);
  if ((value | 0) === value) return writeInteger(value | 0, bytes, at);
  const size = Math.abs(value);
  if (!(size >= 1e-5 && size < 8_388_608)) return writeRare(value, bytes, at);
  bitsOf.setFloat32(0, size);
  const exponent = DECIMAL_EXPONENTS[bitsOf.getUint16(0) >> 7]!;
  for (let digits = FEWEST_DIGITS; digits <= MOST_DIGITS + 1; digits++) {
    const decimals = digits - 1 - exponent;
    const scale = POWERS_OF_TEN[decimals]!;
    const decimal = Math.round(size * scale);
    if (Math.fround(decimal / scale) !== size) continue;
    if (value < 0) bytes[at++] = 0x2d;
    return writeDecimal(decimal, decimals, bytes, at);
  }
  return writeRare(value, bytes, at);
}

/** Writes `decimal` / 10^`decimals` without trailing zeros; `decimal` is positive and below 2^53. */
function writeDecimal(decimal: number, decimals: number, bytes: Uint8Array, at: number): number {
  let rest = decimal;
  let places = decimals;
  while (places > 0 && rest % 10 === 0) {
    rest /= 10;
    places--;
  }
  const whole = places === 0 ? rest : Math.floor(rest / POWERS_OF_TEN[places]!);
  at = writeInteger(whole, bytes, at);
  if (places === 0) return at;
  bytes[at] = 0x2e;
  let fraction = rest - whole * POWERS_OF_TEN[places]!;
  for (let i = at + places; i > at; i--) {
    const next = Math.floor(fraction / 10);
    bytes[i] = 0x30 + (fraction - next * 10);
    fraction = next;
  }
  return at + places + 1;
}

/** Writes an integer within 32 bits. */
function writeInteger(value: number, bytes: Uint8Array, at: number): number {
  let rest = value;
  if (rest < 0) {
    bytes[at++] = 0x2d;
    rest = -rest;
  }
  if (rest < 10) {
    bytes[at] = 0x30 + rest;
    return at + 1;
  }
  let end = at;
  for (let bound = rest; bound >= 1; bound = Math.floor(bound / 10)) end++;
  for (let i = end - 1; i >= at; i--) {
    const next = Math.floor(rest / 10);
    bytes[i] = 0x30 + (rest - next * 10);
    rest = next;
  }
  return end;
}

function writeRare(value: number, bytes: Uint8Array, at: number): number {
  const text = Number.isFinite(value) ? shortestText(value) : 'null';
  for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
  return at;
}

function shortestText(value: number): string {
  for (let digits = FEWEST_DIGITS; digits <= MOST_DIGITS; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return `${rounded}`;
  }
  return `${value}`;
}

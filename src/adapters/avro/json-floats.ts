import { POWERS_OF_TEN } from './powers-of-ten.js';

/** Decimal digits of which every number is a double. */
const MOST_DIGITS = 15;

/** An array of numbers read out of JSON, and the place behind it. */
export interface FloatsRead {
  /** null = NaN. */
  readonly floats: Float32Array;
  readonly end: number;
}

/**
 * Makes a reader of arrays of numbers and nulls as Sluice writes them: `[`, numbers without spaces, `]`. Each number comes
 * out as `JSON.parse` and a Float32Array would have it: up to 15 digits over a power of ten up to 10²² is the correctly
 * rounded double; numbers with an exponent are left to the engine. undefined for anything else, which may be JSON all the
 * same.
 */
export function jsonFloatsReader(): (bytes: Buffer, start: number) => FloatsRead | undefined {
  let floats = new Float32Array(256);
  return (bytes, start) => {
    if (bytes[start] !== 0x5b) return undefined;
    let at = start + 1;
    for (let count = 0; ; count++) {
      if (count === floats.length) floats = enlarged(floats);
      const first = at;
      const isNegative = bytes[at] === 0x2d;
      if (isNegative) at++;
      const whole = at;
      let mantissa = 0;
      let code = bytes[at]!;
      for (; code >= 0x30 && code <= 0x39; code = bytes[++at]!) mantissa = mantissa * 10 + code - 0x30;
      let digits = at - whole;
      if (digits === 0) {
        if (isNegative || !isNullAt(bytes, at)) return undefined;
        floats[count] = NaN;
        at += 4;
        code = bytes[at]!;
      } else {
        if (digits > 1 && bytes[whole] === 0x30) return undefined;
        let places = 0;
        if (code === 0x2e) {
          const point = at++;
          for (code = bytes[at]!; code >= 0x30 && code <= 0x39; code = bytes[++at]!)
            mantissa = mantissa * 10 + code - 0x30;
          places = at - point - 1;
          if (places === 0) return undefined;
          digits += places;
        }
        if (digits > MOST_DIGITS || code === 0x65 || code === 0x45) {
          at = endOfNumber(bytes, at);
          code = bytes[at]!;
          const value = numberOf(bytes.toString('latin1', first, at));
          if (value === undefined) return undefined;
          floats[count] = value;
        } else {
          const size = mantissa / POWERS_OF_TEN[places]!;
          floats[count] = isNegative ? -size : size;
        }
      }
      at++;
      if (code === 0x5d) return { floats: floats.slice(0, count + 1), end: at };
      if (code !== 0x2c) return undefined;
    }
  };
}

function isNullAt(bytes: Buffer, at: number): boolean {
  return bytes[at] === 0x6e && bytes[at + 1] === 0x75 && bytes[at + 2] === 0x6c && bytes[at + 3] === 0x6c;
}

function endOfNumber(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== 0x2c && bytes[at] !== 0x5d) at++;
  return at;
}

/** By the rules of JSON, not of `Number`. */
function numberOf(text: string): number | undefined {
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}

function enlarged(floats: Float32Array): Float32Array<ArrayBuffer> {
  const larger = new Float32Array(2 * floats.length);
  larger.set(floats);
  return larger;
}

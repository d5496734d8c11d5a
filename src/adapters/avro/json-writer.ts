import { writeFloat32Text } from './float-text.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NULL_TEXT = Buffer.from('null');

/** Longest text that is copied character by character; past it a native call is faster. */
const SHORT_TEXT_LENGTH = 64;
/** Longest printed float32, with sign, leading zeros and point (exponents included), in bytes. */
const FLOAT32_TEXT_BYTES = 48;

/**
 * Writes JSON into a buffer that it keeps and grows, for records too hot for `JSON.stringify`. One writer serves one
 * record at a time: {@link JsonWriter.begin}, the pieces, {@link JsonWriter.finish}.
 */
export class JsonWriter {
  private bytes = Buffer.allocUnsafe(16_384);
  private at = 0;

  begin(): void {
    this.at = 0;
  }

  /** A copy of what was written since {@link JsonWriter.begin}. */
  finish(): Uint8Array {
    const copy = Buffer.allocUnsafe(this.at);
    this.bytes.copy(copy, 0, 0, this.at);
    return copy;
  }

  /** ASCII that is JSON already: punctuation and names. */
  raw(ascii: string): void {
    this.reserve(ascii.length);
    for (let i = 0; i < ascii.length; i++) this.bytes[this.at++] = ascii.charCodeAt(i);
  }

  /** A quoted string, escaped as `JSON.stringify` does (lone surrogates included). */
  text(text: string): void {
    const length = text.length;
    if (length > SHORT_TEXT_LENGTH) return this.longText(text);
    this.reserve(length + 2);
    const bytes = this.bytes;
    const start = this.at;
    let at = start;
    bytes[at++] = QUOTE;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) {
        this.at = start;
        return this.longText(text);
      }
      bytes[at++] = code;
    }
    bytes[at++] = QUOTE;
    this.at = at;
  }

  textOrNull(text: string | null | undefined): void {
    if (text === null || text === undefined) this.null();
    else this.text(text);
  }

  /** A double in the shortest form that reads back to it; null when it is not finite. */
  double(value: number): void {
    if (Number.isFinite(value)) this.raw(`${value}`);
    else this.null();
  }

  doubleOrNull(value: number | null | undefined): void {
    if (value === null || value === undefined) this.null();
    else this.double(value);
  }

  /** An array of float32 numbers, each in a short form that reads back to the same float32; NaN and infinities are null. */
  float32s(values: ArrayLike<number>): void {
    const count = values.length;
    this.reserve(2 + count * (FLOAT32_TEXT_BYTES + 1));
    const bytes = this.bytes;
    let at = this.at;
    bytes[at++] = 0x5b;
    for (let i = 0; i < count; i++) {
      if (i > 0) bytes[at++] = 0x2c;
      at = writeFloat32Text(values[i]!, bytes, at);
    }
    bytes[at++] = 0x5d;
    this.at = at;
  }

  null(): void {
    this.reserve(4);
    this.bytes.set(NULL_TEXT, this.at);
    this.at += 4;
  }

  private longText(text: string): void {
    const json = JSON.stringify(text);
    this.reserve(json.length * 3);
    this.at += this.bytes.write(json, this.at);
  }

  private reserve(more: number): void {
    if (this.at + more <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.at + more));
    this.bytes.copy(grown, 0, 0, this.at);
    this.bytes = grown;
  }
}

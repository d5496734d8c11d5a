import { FLOAT32_TEXT_BYTES, writeFloat32Text } from './float-text.js';

/** Characters that a JSON string cannot hold as they are, or that are not one byte. */
const NOT_PLAIN = /[^ !#-[\]-~]/;

/** A JSON string, as `JSON.stringify` prints it (lone surrogates escaped). */
export function quoted(text: string): string {
  return NOT_PLAIN.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** A JSON string or null. */
export function quotedOrNull(text: string | null | undefined): string {
  return text === null || text === undefined ? 'null' : quoted(text);
}

/** A double in the shortest form that reads back to it; null when it is absent or not finite. */
export function double(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? 'null' : `${value}`;
}

/**
 * Collects JSON in a buffer that it keeps and grows, for records too hot for `JSON.stringify`. One writer serves one
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

  /** Text that is JSON already. */
  json(text: string): void {
    this.reserve(text.length * 3);
    this.at += this.bytes.write(text, this.at, 'utf8');
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

  private reserve(moreBytes: number): void {
    if (this.at + moreBytes <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.at + moreBytes));
    this.bytes.copy(grown, 0, 0, this.at);
    this.bytes = grown;
  }
}

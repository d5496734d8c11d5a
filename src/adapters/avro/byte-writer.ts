/** Longest text that is tried as ASCII, byte by byte; past it a native call is faster. */
const SHORT_TEXT_LENGTH = 32;

/**
 * Writes Avro's primitives into a buffer that it keeps and grows. One writer serves one record at a time:
 * {@link ByteWriter.begin}, the pieces, {@link ByteWriter.finish}. Values are the caller's to check.
 */
export class ByteWriter {
  private bytes = Buffer.allocUnsafe(16_384);
  private view = viewOf(this.bytes);
  private at = 0;

  begin(): void {
    this.at = 0;
  }

  /** A copy of what was written since {@link ByteWriter.begin}. */
  finish(): Uint8Array {
    const copy = Buffer.allocUnsafe(this.at);
    this.bytes.copy(copy, 0, 0, this.at);
    return copy;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.at++] = value;
  }

  /** A safe integer as a zig-zag varint. */
  long(value: number): void {
    this.reserve(10);
    const bytes = this.bytes;
    const sign = value < 0 ? 1 : 0;
    let magnitude = sign === 1 ? -(value + 1) : value;
    let low = (magnitude % 64) * 2 + sign;
    magnitude = Math.floor(magnitude / 64);
    while (magnitude > 0) {
      bytes[this.at++] = low | 0x80;
      low = magnitude % 128;
      magnitude = Math.floor(magnitude / 128);
    }
    bytes[this.at++] = low;
  }

  /** Four bytes, big-endian, as Confluent's framing has them. */
  uint32BigEndian(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.at, value);
    this.at += 4;
  }

  float(value: number): void {
    this.reserve(4);
    this.view.setFloat32(this.at, value, true);
    this.at += 4;
  }

  double(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.at, value, true);
    this.at += 8;
  }

  floats(values: ArrayLike<number>): void {
    const count = values.length;
    this.reserve(count * 4);
    const view = this.view;
    let at = this.at;
    for (let i = 0; i < count; i++, at += 4) view.setFloat32(at, values[i]!, true);
    this.at = at;
  }

  /** A string with its length; lone surrogates become U+FFFD. */
  text(text: string): void {
    const length = text.length;
    this.reserve(length * 3 + 10);
    if (length <= SHORT_TEXT_LENGTH && this.ascii(text)) return;
    this.long(Buffer.byteLength(text));
    this.at += this.bytes.write(text, this.at);
  }

  /** A byte string with its length. */
  byteString(bytes: Uint8Array): void {
    this.long(bytes.byteLength);
    this.fixed(bytes);
  }

  fixed(bytes: Uint8Array): void {
    this.reserve(bytes.byteLength);
    this.bytes.set(bytes, this.at);
    this.at += bytes.byteLength;
  }

  /** Writes a short ASCII text and its length (one byte), or nothing when it is not ASCII. */
  private ascii(text: string): boolean {
    const bytes = this.bytes;
    let at = this.at;
    bytes[at++] = text.length * 2;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      bytes[at++] = code;
    }
    this.at = at;
    return true;
  }

  private reserve(moreBytes: number): void {
    if (this.at + moreBytes <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.at + moreBytes));
    this.bytes.copy(grown, 0, 0, this.at);
    this.bytes = grown;
    this.view = viewOf(grown);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

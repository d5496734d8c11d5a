import { isUtf8 } from 'node:buffer';
import { WireFault } from './wire-fault.js';

const MAX_VARINT_BYTES = 10;
const EMPTY = Buffer.alloc(0);
/** Longest text that is tried as ASCII, byte by byte; past it a native call is faster. */
const SHORT_TEXT_BYTES = 10;

/**
 * Reads Avro's primitives from one message. Every read is checked against the end of the message before it is believed,
 * so bytes of any origin cost at most their own length. Throws {@link WireFault}.
 */
export class ByteReader {
  private bytes: Buffer = EMPTY;
  private view: DataView = new DataView(EMPTY.buffer, 0, 0);
  private end = 0;
  private claimed = 0;
  /** Position of the next byte. */
  at = 0;
  /** Records within records, at this moment. */
  depth = 0;

  begin(bytes: Uint8Array, at: number): void {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.end = bytes.byteLength;
    this.at = at;
    this.depth = 0;
    this.claimed = 0;
  }

  /** Throws when bytes are left over. */
  finish(): void {
    const left = this.end - this.at;
    if (left > 0) throw new WireFault(`${left} bytes are left over after the record`);
  }

  /** A zig-zag varint that counts something: a length, a choice. Throws when it is not a safe integer. */
  long(): number {
    const first = this.byte();
    if (first < 0x80) return (first >>> 1) ^ -(first & 1);
    let magnitude = (first & 0x7f) >>> 1;
    let scale = 64;
    for (let count = 2; count <= MAX_VARINT_BYTES; count++) {
      const next = this.byte();
      magnitude += (next & 0x7f) * scale;
      if (next < 0x80) {
        const value = first & 1 ? -magnitude - 1 : magnitude;
        if (Number.isSafeInteger(value)) return value;
        throw this.fault('an integer beyond 2^53');
      }
      scale *= 128;
    }
    throw this.fault('an integer of more than ten bytes');
  }

  /** The value of a long: exact, as the text of its digits where it is beyond 2^53. */
  exactLong(): number | string {
    const start = this.at;
    const first = this.byte();
    if (first < 0x80) return (first >>> 1) ^ -(first & 1);
    let magnitude = (first & 0x7f) >>> 1;
    let scale = 64;
    for (let count = 2; count <= MAX_VARINT_BYTES; count++) {
      const next = this.byte();
      magnitude += (next & 0x7f) * scale;
      if (next < 0x80) {
        const value = first & 1 ? -magnitude - 1 : magnitude;
        return Number.isSafeInteger(value) ? value : this.digitsFrom(start);
      }
      scale *= 128;
    }
    throw this.fault('an integer of more than ten bytes');
  }

  private digitsFrom(start: number): string {
    let zigzag = 0n;
    for (let i = this.at - 1; i >= start; i--) zigzag = (zigzag << 7n) | BigInt(this.bytes[i]! & 0x7f);
    return String(BigInt.asIntN(64, (zigzag >> 1n) ^ -(zigzag & 1n)));
  }

  int(): number {
    const value = this.long();
    if ((value | 0) !== value) throw this.fault('an int beyond 32 bits');
    return value;
  }

  boolean(): boolean {
    const value = this.byte();
    if (value > 1) throw this.fault('a boolean that is neither 0 nor 1');
    return value === 1;
  }

  float(): number {
    return this.view.getFloat32(this.take(4), true);
  }

  double(): number {
    return this.view.getFloat64(this.take(8), true);
  }

  floats(into: Float32Array, from: number, count: number): void {
    let at = this.take(count * 4);
    for (let i = from; i < from + count; i++, at += 4) into[i] = this.view.getFloat32(at, true);
  }

  /** A string; throws when it is not UTF-8. */
  text(): string {
    const length = this.length();
    const start = this.take(length);
    const bytes = this.bytes;
    if (length <= SHORT_TEXT_BYTES) {
      let text = '';
      let i = start;
      for (; i < start + length && bytes[i]! < 0x80; i++) text += String.fromCharCode(bytes[i]!);
      if (i === start + length) return text;
    }
    const text = bytes.toString('utf8', start, start + length);
    if (text.includes('\ufffd') && !isUtf8(bytes.subarray(start, start + length)))
      throw this.fault('a string that is not UTF-8');
    return text;
  }

  /** A copy of a byte string. */
  byteString(): Uint8Array {
    return this.fixed(this.length());
  }

  fixed(length: number): Uint8Array {
    const start = this.take(length);
    return Uint8Array.prototype.slice.call(this.bytes, start, start + length);
  }

  /**
   * The item count of the next block of an array or map, 0 at its end. A block cannot claim more items than there are
   * bytes left: what it claims is about to be allocated and looped over. (An array of nulls could; nobody sends one.)
   */
  blockCount(): number {
    let count = this.long();
    if (count < 0) {
      count = -count;
      this.length();
    }
    if (count > this.end - this.at) throw this.fault('a block of more items than bytes are left');
    return count;
  }

  /**
   * Counts items towards what one message may hold. Items of no bytes (nulls) would otherwise let every block claim as
   * many as there are bytes left, again and again.
   */
  claim(items: number): void {
    this.claimed += items;
    if (this.claimed > this.end) throw this.fault('more items than the message has bytes');
  }

  fault(what: string): WireFault {
    return new WireFault(`${what} at byte ${this.at}`);
  }

  private length(): number {
    const length = this.long();
    if (length < 0) throw this.fault('a negative length');
    return length;
  }

  private byte(): number {
    if (this.at >= this.end) throw this.fault('it ends too early,');
    return this.bytes[this.at++]!;
  }

  private take(count: number): number {
    const start = this.at;
    if (count > this.end - start) throw this.fault('it ends too early,');
    this.at = start + count;
    return start;
  }
}

/** Reads the fields of a response one after the other. */
export class ResponseReader {
  private at = 0;

  constructor(private readonly payload: Buffer) {}

  skip(bytes: number): void {
    this.at += bytes;
  }

  int8(): number {
    this.at += 1;
    return this.payload.readInt8(this.at - 1);
  }

  int16(): number {
    this.at += 2;
    return this.payload.readInt16BE(this.at - 2);
  }

  int32(): number {
    this.at += 4;
    return this.payload.readInt32BE(this.at - 4);
  }

  int64(): string {
    this.at += 8;
    return this.payload.readBigInt64BE(this.at - 8).toString();
  }

  /** Where there is none (a length of -1), empty. */
  text(): string {
    const length = Math.max(0, this.int16());
    this.at += length;
    return this.payload.toString('utf8', this.at - length, this.at);
  }

  /** A length as the compact forms of newer versions give it: one more than it is. */
  compactLength(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.int8() & 0xff;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value - 1;
    }
  }

  bytes(): Buffer {
    const length = Math.max(0, this.int32());
    this.at += length;
    return this.payload.subarray(this.at - length, this.at);
  }
}

import { Transform } from 'node:stream';
import { TextDecoder } from 'node:util';

/** The bytes of a text as UTF-8, whatever encoding they came in. */
export class TextOf extends Transform {
  /** True once bytes have come by that are no character of the encoding; they become U+FFFD. */
  hasWrongBytes = false;
  private readonly decoder: TextDecoder;
  private readonly isUtf8: boolean;

  /** @param encoding a label of the WHATWG Encoding Standard, such as gb18030; @throws RangeError for an unknown one */
  constructor(encoding: string) {
    super();
    this.isUtf8 = new TextDecoder(encoding).encoding === 'utf-8';
    this.decoder = new TextDecoder(encoding, { fatal: this.isUtf8 });
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: (error: null, bytes: Buffer) => void): void {
    done(null, this.isUtf8 ? this.checked(chunk) : this.decoded(chunk));
  }

  override _flush(done: (error: null, bytes?: Buffer) => void): void {
    if (!this.isUtf8) return done(null, this.decoded());
    this.checked();
    done(null);
  }

  private checked(chunk?: Buffer): Buffer {
    try {
      if (!this.hasWrongBytes) this.decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      this.hasWrongBytes = true;
    }
    return chunk ?? Buffer.alloc(0);
  }

  private decoded(chunk?: Buffer): Buffer {
    const text = this.decoder.decode(chunk, { stream: chunk !== undefined });
    this.hasWrongBytes ||= text.includes('\ufffd');
    return Buffer.from(text);
  }
}

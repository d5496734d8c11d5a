import type { Headers, LogRecord } from '../../ports/transport.js';

/** What a batch says of its records. */
export interface BatchFacts {
  readonly count: number;
  readonly firstOffset: number;
  readonly firstTimeMs: number;
  /** Time at which the broker appended the batch, where that counts; else each record has its own. */
  readonly appendedMs: number | undefined;
}

const NO_HEADERS: Headers = Object.freeze({});

/** The unpacked records of a batch (message format 2). Throws on records that are not as long as they say. */
export function recordsOf(bytes: Buffer, facts: BatchFacts): LogRecord[] {
  const reader = new RecordReader(bytes);
  const records: LogRecord[] = [];
  for (let at = 0; at < facts.count; at++) records.push(reader.record(facts));
  return records;
}

/** Reads fields one after the other; keys and values are views of the bytes. */
class RecordReader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  record({ firstOffset, firstTimeMs, appendedMs }: BatchFacts): LogRecord {
    const length = this.varint();
    const end = this.at + length;
    if (length < 0 || end > this.bytes.length) throw new Error('a record is cut short');
    this.at++;
    const timeDeltaMs = this.varint();
    const offset = firstOffset + this.varint();
    const key = this.optionalBytes();
    const value = this.optionalBytes();
    const headers = this.headers();
    if (this.at > end) throw new Error('a record is longer than it says');
    this.at = end;
    return { offset, key, value, timestampMs: appendedMs ?? firstTimeMs + timeDeltaMs, headers };
  }

  /** As text; of a repeated one the last counts, and one without a value is as good as absent. */
  private headers(): Headers {
    const count = this.varint();
    if (count <= 0) return NO_HEADERS;
    const texts: Record<string, string> = {};
    for (let at = 0; at < count; at++) {
      const name = this.optionalBytes();
      const value = this.optionalBytes();
      if (name === null) continue;
      const text = name.toString('utf8');
      if (value !== null) texts[text] = value.toString('utf8');
      else if (Object.hasOwn(texts, text)) delete texts[text];
    }
    return texts;
  }

  private optionalBytes(): Buffer | null {
    const length = this.varint();
    if (length < 0) return null;
    const start = this.at;
    if (start + length > this.bytes.length) throw new Error('a field is cut short');
    this.at = start + length;
    return this.bytes.subarray(start, this.at);
  }

  /** A signed number in base 128, lowest digit first, its sign in the lowest bit. */
  private varint(): number {
    const first = this.bytes[this.at++];
    if (first === undefined) throw new Error('a number is cut short');
    if (first < 0x80) return (first >>> 1) ^ -(first & 1);
    let raw = first & 0x7f;
    let scale = 128;
    for (let digits = 1; digits < 10; digits++) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new Error('a number is cut short');
      raw += (byte & 0x7f) * scale;
      if (byte < 0x80) return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
      scale *= 128;
    }
    throw new Error('a number has no end');
  }
}

import { SluiceError, messageOf } from '../../errors.js';
import { openUnpacked } from '../packed/index.js';

/** A line without its end; `line` counts from 1, blank lines included. The bytes are the line's own and stay valid. */
export interface Line {
  readonly line: number;
  readonly bytes: Buffer;
}

/** Lines that came with one read, and how far into the file (as stored, so compressed) that read reached. */
export interface LineBatch {
  readonly lines: readonly Line[];
  readonly readFraction: number;
  /** True where bytes came by that are no character of the encoding: U+FFFD may stand for them. */
  readonly hasWrongBytes: boolean;
}

/** A longer line is refused: it is memory without a bound. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Streams a text file line by line; gzip and zstd are unpacked on the way, several members too; `-` is
 * standard input. Line
 * ends are `\n` or `\r\n`; a byte order mark and blank lines are left out. Holds one read and one line in memory.
 * @param encoding of the text, turned into UTF-8; absent: the bytes as they stand
 * @throws SluiceError `file-unreadable` (absent, no permission); `event-file-invalid` (damaged gzip, line too long, a file of
 *   another form: each of its lines would be refused by itself)
 */
export async function* readLineBatches(path: string, encoding?: string): AsyncGenerator<LineBatch> {
  const input = await openUnpacked(path, encoding);
  let number = 0;
  let rest: Buffer[] = [];
  let restBytes = 0;
  const take = (bytes: Buffer, lines: Line[]): void => {
    number += 1;
    if (number === 1) refuseOtherForm(path, bytes);
    const line = trimmed(bytes, number === 1);
    if (!isBlank(line)) lines.push({ line: number, bytes: line });
  };
  try {
    for await (const chunk of input.stream as AsyncIterable<Buffer>) {
      const lines: Line[] = [];
      let from = 0;
      for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
        const part = chunk.subarray(from, end);
        take(rest.length > 0 ? Buffer.concat([...rest, part]) : part, lines);
        rest = [];
        restBytes = 0;
        from = end + 1;
      }
      if (from < chunk.length) {
        rest.push(chunk.subarray(from));
        restBytes += chunk.length - from;
        if (restBytes > MAX_LINE_BYTES)
          throw invalidLine(path, number + 1, `line is longer than ${MAX_LINE_BYTES} bytes`);
      }
      if (lines.length > 0) yield { lines, readFraction: input.readFraction(), hasWrongBytes: input.hasWrongBytes() };
    }
    const last: Line[] = [];
    if (restBytes > 0) take(Buffer.concat(rest), last);
    if (last.length > 0) yield { lines: last, readFraction: 1, hasWrongBytes: input.hasWrongBytes() };
  } catch (thrown) {
    if (thrown instanceof SluiceError) throw thrown;
    throw invalidLine(path, number + 1, messageOf(thrown), thrown);
  } finally {
    input.close();
  }
}

function refuseOtherForm(path: string, firstLine: Buffer): void {
  const form = OTHER_FORMS.find(({ is }) => is(firstLine));
  if (form) throw invalidLine(path, 1, form.why);
}

const OTHER_FORMS: readonly { readonly is: (firstLine: Buffer) => boolean; readonly why: string }[] = [
  {
    is: (line) => line.length >= 2 && ['fffe', 'feff'].includes(line.toString('hex', 0, 2)),
    why: 'the file is UTF-16; convert it: iconv -f UTF-16 -t UTF-8',
  },
  {
    is: (line) => /^\s*\[\s*($|\{)/.test(line.toString('latin1', 0, 100)),
    why: "the file is one JSON array; write a record per line: jq -c '.[]'",
  },
  {
    is: (line) => line.toString('latin1', 0, 4) === 'PAR1',
    why: 'the file is Parquet; turn it into events: sluice import',
  },
];

/** The error of a line that cannot be read. */
export function invalidLine(path: string, line: number, why: string, cause?: unknown): SluiceError {
  return new SluiceError('event-file-invalid', { path, line, why }, cause === undefined ? undefined : { cause });
}

function trimmed(line: Buffer, isFirst: boolean): Buffer {
  const start = isFirst && line.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0;
  const end = line.length > start && line[line.length - 1] === CARRIAGE_RETURN ? line.length - 1 : line.length;
  return line.subarray(start, end);
}

function isBlank(line: Buffer): boolean {
  for (const byte of line) if (byte !== 0x20 && byte !== 0x09) return false;
  return true;
}

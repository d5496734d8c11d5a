import { createReadStream, statSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { parse, type CsvError } from 'csv-parse';
import { SluiceError, messageOf } from '../../errors.js';

/** A row as columns by name. Built without a prototype, so that no column name is special. */
export interface CsvRow {
  /** Line of the file (from 1) where the row ends. */
  readonly line: number;
  readonly columns: Readonly<Record<string, string>>;
  /** False when the row has more or fewer cells than the header; its columns are what could be matched. */
  readonly isComplete: boolean;
}

/** Rows that came together, and how far into the file (as stored) reading has come. */
export interface CsvBatch {
  readonly rows: readonly CsvRow[];
  readonly readFraction: number;
}

export interface CsvOptions {
  /** Default `,`. */
  readonly delimiter?: string;
  /** Column names of a file without a header row. */
  readonly header?: readonly string[];
}

const BATCH_ROWS = 1_000;

/**
 * Streams a CSV file with a header row, quoted as RFC 4180 says; a name that ends in `.gz` is unpacked. Blank lines and a
 * byte order mark are left out. Of repeated column names the last wins.
 * @throws SluiceError `file-unreadable`; `import-file-invalid` with the line when quoting is broken or the gzip damaged
 */
export async function* readCsv(path: string, options: CsvOptions = {}): AsyncGenerator<CsvBatch> {
  const sizeBytes = sizeOf(path);
  const raw = createReadStream(path, { highWaterMark: 256 * 1024 });
  const parser = parse({
    bom: true,
    delimiter: options.delimiter ?? ',',
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: 64 * 1024 * 1024,
  });
  const unpacked = path.endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
  raw.on('error', (error) => parser.destroy(error));
  unpacked.on('error', (error: Error) => parser.destroy(error));
  unpacked.pipe(parser);
  let header = options.header;
  let line = 0;
  let rows: CsvRow[] = [];
  const readFraction = (): number => (sizeBytes > 0 ? Math.min(1, raw.bytesRead / sizeBytes) : 1);
  try {
    for await (const parsed of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      line = parsed.info.lines;
      if (header === undefined) {
        header = parsed.record;
        continue;
      }
      rows.push(rowOf(header, parsed.record, line));
      if (rows.length >= BATCH_ROWS) {
        yield { rows, readFraction: readFraction() };
        rows = [];
      }
    }
    if (rows.length > 0) yield { rows, readFraction: 1 };
  } catch (thrown) {
    if (thrown instanceof SluiceError) throw thrown;
    const at = (thrown as Partial<CsvError> & { lines?: number }).lines ?? line + 1;
    throw new SluiceError('import-file-invalid', { path, line: at, why: messageOf(thrown) }, { cause: thrown });
  } finally {
    raw.destroy();
    parser.destroy();
  }
}

function rowOf(header: readonly string[], cells: readonly string[], line: number): CsvRow {
  const columns = Object.create(null) as Record<string, string>;
  const count = Math.min(header.length, cells.length);
  for (let at = 0; at < count; at++) columns[header[at]!] = cells[at]!;
  return { line, columns, isComplete: cells.length === header.length };
}

function sizeOf(path: string): number {
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) throw new Error('it is a folder');
    return stats.size;
  } catch (thrown) {
    throw new SluiceError('file-unreadable', { path, why: messageOf(thrown) }, { cause: thrown });
  }
}

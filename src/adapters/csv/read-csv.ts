import { parse, type CsvError } from 'csv-parse';
import { SluiceError, messageOf } from '../../errors.js';
import { openUnpacked } from '../packed/index.js';

/** A row as columns by name. Built without a prototype, so that no column name is special. */
export interface CsvRow {
  /** Line of the file (from 1) where the row ends. */
  readonly line: number;
  readonly columns: Readonly<Record<string, string>>;
  /** The cells that a last name in `...` takes, by that name; absent: the header has none. */
  readonly rest?: Readonly<Record<string, readonly string[]>>;
  /** False when the row has more or fewer cells than the header; its columns are what could be matched. */
  readonly isComplete: boolean;
  /** True for a row of a kind that `headerOf` does not know: it has no columns. */
  readonly isUnknown?: true;
}

/** Rows that came together, and how far into the file (as stored) reading has come. */
export interface CsvBatch {
  readonly rows: readonly CsvRow[];
  readonly readFraction: number;
  /** True where bytes came by that are no character of the encoding: U+FFFD may stand for them. */
  readonly hasWrongBytes: boolean;
  /** Names that the header has twice. */
  readonly repeatedNames: readonly string[];
}

export interface CsvOptions {
  /** Of the text; absent: UTF-8, unchecked. */
  readonly encoding?: string;
  /** Default `,`. */
  readonly delimiter?: string;
  /** Default `"`; false: nothing is quoted. */
  readonly quote?: string | false;
  /** Column names of a file without a header row. A last name that ends in `...` takes all cells that are left. */
  readonly header?: readonly string[];
  /** Column names by the cells of a row, in a file of several kinds of row; undefined: those of the header. */
  readonly headerOf?: (cells: readonly string[]) => readonly string[] | undefined;
}

const BATCH_ROWS = 1_000;

/**
 * Streams a CSV file with a header row, quoted as RFC 4180 says; gzip and zstd are unpacked, `-` is standard input.
 * Blank lines and a byte order mark are left out. Of repeated column names the last wins.
 * @throws SluiceError `file-unreadable`; `import-file-invalid` with the line when quoting is broken or the gzip damaged
 */
export async function* readCsv(path: string, options: CsvOptions = {}): AsyncGenerator<CsvBatch> {
  const input = await openUnpacked(path, options.encoding);
  const parser = parse({
    bom: true,
    delimiter: options.delimiter ?? ',',
    quote: options.quote ?? '"',
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: 64 * 1024 * 1024,
  });
  input.stream.on('error', (error: Error) => parser.destroy(error));
  input.stream.pipe(parser);
  let header = options.header;
  let line = 0;
  let rows: CsvRow[] = [];
  let repeatedNames: readonly string[] = [];
  try {
    for await (const parsed of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      line = parsed.info.lines;
      const own = options.headerOf?.(parsed.record) ?? header;
      if (own === undefined && !options.headerOf) {
        header = parsed.record;
        repeatedNames = header.filter((name, at) => header!.indexOf(name) < at);
        continue;
      }
      rows.push(
        own === undefined ? { line, columns: {}, isComplete: false, isUnknown: true } : rowOf(own, parsed.record, line),
      );
      if (rows.length >= BATCH_ROWS) {
        yield { rows, readFraction: input.readFraction(), hasWrongBytes: input.hasWrongBytes(), repeatedNames };
        rows = [];
      }
    }
    if (rows.length > 0) yield { rows, readFraction: 1, hasWrongBytes: input.hasWrongBytes(), repeatedNames };
  } catch (thrown) {
    if (thrown instanceof SluiceError) throw thrown;
    const at = (thrown as Partial<CsvError> & { lines?: number }).lines ?? line + 1;
    throw new SluiceError('import-file-invalid', { path, line: at, why: messageOf(thrown) }, { cause: thrown });
  } finally {
    input.close();
    parser.destroy();
  }
}

function rowOf(header: readonly string[], cells: readonly string[], line: number): CsvRow {
  const columns = Object.create(null) as Record<string, string>;
  const isOpen = header.at(-1)?.endsWith('...') === true;
  const named = isOpen ? header.length - 1 : header.length;
  for (let at = 0; at < Math.min(named, cells.length); at++) columns[header[at]!] = cells[at]!;
  if (!isOpen) return { line, columns, isComplete: cells.length === named };
  return {
    line,
    columns,
    rest: { [header[named]!.slice(0, -3)]: cells.slice(named) },
    isComplete: cells.length >= named,
  };
}

import { extname } from 'node:path';
import { readLineBatches } from '../adapters/event-files/index.js';
import { firstByte, isStandardInput } from '../adapters/packed/index.js';
import { parseExactJson } from '../events/exact-json.js';
import type { SourceMapping, TableMapping } from './mapping-schema.js';

/** A row of a log, whatever its format; `fault` says why it cannot be used. */
export interface LogRow {
  readonly value: unknown;
  /** Where it ends in the file: line, or number of the row in a format without lines; from 1. */
  readonly line: number;
  readonly fault?: string;
  /** True where it holds bytes that are no character of the encoding. */
  readonly isGarbled?: true;
}

interface RowBatch {
  readonly rows: readonly LogRow[];
  readonly readFraction: number;
  /** Names that the header of a CSV file has twice. */
  readonly repeatedNames?: readonly string[];
}

type Layout = Pick<SourceMapping, 'encoding' | 'format' | 'delimiter' | 'quote' | 'header'> &
  Partial<Pick<SourceMapping, 'recordType'>>;

/** How a file is read of which nothing is said. */
export const PLAIN_ROWS: Layout = { format: 'auto', quote: '"', encoding: 'utf-8' };

/**
 * Streams a log's rows in batches; `-` is standard input. Format by `source.format`, else by the name: `.ndjson`, `.jsonl`,
 * `.json`, `.tsv`, `.parquet`, else CSV; of standard input by its first byte.
 */
export async function* readRows(path: string, source: Layout | TableMapping): AsyncGenerator<RowBatch> {
  const format = source.format === 'auto' ? await formatOf(path) : source.format;
  switch (format) {
    case 'ndjson':
      for await (const { lines, readFraction, hasWrongBytes } of readLineBatches(path, source.encoding)) {
        const rows = lines.map(({ bytes, line }) => ({ line, ...jsonRow(bytes) }));
        yield { rows: hasWrongBytes ? rows.map((row) => readable(row, source.encoding)) : rows, readFraction };
      }
      return;
    case 'parquet': {
      const { readParquet } = await import('../adapters/parquet/index.js');
      for await (const { rows, first, readFraction } of readParquet(path))
        yield { rows: rows.map((value, at) => ({ value, line: first + at })), readFraction };
      return;
    }
    default:
      yield* readCells(path, format, source);
  }
}

async function* readCells(path: string, format: 'csv' | 'tsv', source: Layout): AsyncGenerator<RowBatch> {
  const { encoding, recordType, header, quote } = source;
  const options = {
    encoding,
    delimiter: source.delimiter ?? (format === 'tsv' ? '\t' : ','),
    quote: quote === 'none' ? false : quote,
    ...(header ? { header } : {}),
    ...(recordType
      ? { headerOf: (cells: readonly string[]) => recordType.headers[cells[recordType.cell - 1] ?? ''] }
      : {}),
  } as const;
  const { readCsv } = await import('../adapters/csv/index.js');
  for await (const { rows: read, readFraction, hasWrongBytes, repeatedNames } of readCsv(path, options)) {
    const rows = read.map(({ columns, rest, isComplete, line, isUnknown }) => {
      const value: unknown = rest ? Object.assign(columns, rest) : columns;
      if (isComplete) return { value, line };
      return {
        value,
        line,
        fault: isUnknown ? 'kind of row that recordType does not name' : 'wrong number of columns',
      };
    });
    yield { rows: hasWrongBytes ? rows.map((row) => readable(row, encoding)) : rows, readFraction, repeatedNames };
  }
}

/** The row, refused where a character of it could not be read: in another encoding every text would be another word. */
function readable(row: LogRow, encoding: string): LogRow {
  if (!JSON.stringify(row.value ?? null).includes('\ufffd')) return row;
  return { ...row, isGarbled: true, fault: `not ${encoding}` };
}

async function formatOf(path: string): Promise<'csv' | 'tsv' | 'ndjson' | 'parquet'> {
  if (isStandardInput(path)) return (await firstByte(path)) === 0x7b ? 'ndjson' : 'csv';
  const extension = extname(path.replace(/\.(?:gz|zst|zstd)$/i, '')).toLowerCase();
  if (['.ndjson', '.jsonl', '.json'].includes(extension)) return 'ndjson';
  if (extension === '.parquet') return 'parquet';
  return extension === '.tsv' ? 'tsv' : 'csv';
}

function jsonRow(bytes: Buffer): Pick<LogRow, 'value' | 'fault'> {
  try {
    const value = parseExactJson(bytes.toString('utf8'));
    return value !== null && typeof value === 'object' ? { value } : { value, fault: 'not a JSON object' };
  } catch {
    return { value: undefined, fault: 'not JSON' };
  }
}

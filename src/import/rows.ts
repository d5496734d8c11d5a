import { extname } from 'node:path';
import { readCsv } from '../adapters/csv/index.js';
import { readLineBatches } from '../adapters/event-files/index.js';
import { parseExactJson } from '../events/exact-json.js';
import type { Mapping } from './mapping-schema.js';

/** A row of a log, whatever its format; `fault` says why it cannot be used. */
export interface LogRow {
  readonly value: unknown;
  readonly fault?: string;
}

/** Streams a log's rows in batches. Format by `source.format`, else by the name: `.ndjson`, `.jsonl`, `.json`, `.tsv`, else CSV. */
export async function* readRows(
  path: string,
  source: Mapping['source'],
): AsyncGenerator<{ readonly rows: readonly LogRow[]; readonly readFraction: number }> {
  const format = source.format === 'auto' ? formatOf(path) : source.format;
  if (format === 'ndjson') {
    for await (const { lines, readFraction } of readLineBatches(path)) {
      yield { rows: lines.map(({ bytes }) => jsonRow(bytes)), readFraction };
    }
    return;
  }
  const options = {
    delimiter: source.delimiter ?? (format === 'tsv' ? '\t' : ','),
    ...(source.header ? { header: source.header } : {}),
  };
  for await (const { rows, readFraction } of readCsv(path, options)) {
    yield {
      rows: rows.map(({ columns, isComplete }) =>
        isComplete ? { value: columns } : { value: columns, fault: 'wrong number of columns' },
      ),
      readFraction,
    };
  }
}

function formatOf(path: string): 'csv' | 'tsv' | 'ndjson' {
  const extension = extname(path.replace(/\.gz$/i, '')).toLowerCase();
  if (['.ndjson', '.jsonl', '.json'].includes(extension)) return 'ndjson';
  return extension === '.tsv' ? 'tsv' : 'csv';
}

function jsonRow(bytes: Buffer): LogRow {
  try {
    const value = parseExactJson(bytes.toString('utf8'));
    return value !== null && typeof value === 'object' ? { value } : { value, fault: 'not a JSON object' };
  } catch {
    return { value: undefined, fault: 'not JSON' };
  }
}

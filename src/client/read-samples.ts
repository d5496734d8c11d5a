import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { readCsv } from '../adapters/csv/index.js';
import { readParquet } from '../adapters/parquet/index.js';
import { messageOf, SluiceError } from '../errors.js';
import { Gathered, type SampleRecord } from './gathered.js';
import type { ReadOptions, SampleFormat, Samples } from './samples.js';

const SUFFIX = /\.(ndjson|jsonl|csv|parquet)(?:\.gz)?$/;

/**
 * Reads a dump of `training` or `audit` into memory.
 * @throws SluiceError `file-unreadable`; `import-file-invalid` for what is no dump of samples; `feature-sets-mixed`
 */
export async function readSamples(path: string, options: ReadOptions = {}): Promise<Samples> {
  const gathered = new Gathered(path, options);
  for await (const record of recordsOf(path, options.format ?? formatOf(path))) gathered.add(record);
  return gathered.samples();
}

function formatOf(path: string): SampleFormat {
  const suffix = SUFFIX.exec(path)?.[1];
  if (suffix === undefined)
    throw new SluiceError('import-file-invalid', { path, line: 1, why: 'its name says no format: give one' });
  return suffix === 'jsonl' ? 'ndjson' : (suffix as SampleFormat);
}

async function* recordsOf(path: string, format: SampleFormat): AsyncGenerator<SampleRecord> {
  switch (format) {
    case 'ndjson':
      return yield* jsonRecords(path);
    case 'csv':
      for await (const { rows } of readCsv(path)) for (const { columns } of rows) yield ofText(columns);
      return;
    case 'parquet':
      for await (const { rows } of readParquet(path)) yield* rows;
  }
}

async function* jsonRecords(path: string): AsyncGenerator<SampleRecord> {
  let line = 0;
  try {
    const raw = (await open(path)).createReadStream();
    const input = path.endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
    for await (const text of createInterface({ input, crlfDelay: Infinity })) {
      line += 1;
      if (text.trim() !== '') yield parsed(path, line, text);
    }
  } catch (thrown) {
    if (thrown instanceof SluiceError) throw thrown;
    throw new SluiceError('file-unreadable', { path, why: messageOf(thrown) }, { cause: thrown });
  }
}

function parsed(path: string, line: number, text: string): SampleRecord {
  try {
    return JSON.parse(text) as SampleRecord;
  } catch (thrown) {
    throw new SluiceError('import-file-invalid', { path, line, why: messageOf(thrown) }, { cause: thrown });
  }
}

const NUMBERS = new Set(
  'position eventTimeMs closeTimeMs label value propensity prediction importance inclusionProbability importanceWeight logOddsOffset fold'.split(
    ' ',
  ),
);

/** A row of CSV: numbers by the schema, flags and histories as lists, what has no type in the schema as text. */
function ofText(columns: Readonly<Record<string, string>>): SampleRecord {
  return Object.fromEntries(
    Object.entries(columns).map(([name, text]) => {
      if (text === '') return [name, null];
      if (NUMBERS.has(name) || name.startsWith('feature.')) return [name, Number(text)];
      const isList = name === 'flags' || name.startsWith('history.');
      return [name, isList ? (JSON.parse(text) as unknown) : text];
    }),
  );
}

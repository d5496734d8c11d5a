import { manifestsOf, readCatalogue } from '../../snapshot/index.js';
import type { DumpColumn } from './columns.js';
import { chooseColumns } from './choose-columns.js';
import { csvHead, csvLine } from './csv-line.js';
import {
  type DumpedTopic,
  type DumpRange,
  type DumpSource,
  type Fields,
  readingOf,
  type RecordTopic,
} from './records.js';
import { columnsOfLines, rowsOf } from './rows.js';

/** Formats that are written line by line. */
export type LineFormat = 'ndjson' | 'csv';

/** What narrows a dump. */
export interface DumpChoice extends DumpRange {
  /** Patterns of column names; absent: all. */
  readonly columns?: readonly string[] | undefined;
}

/** Characters gathered before they are written. */
const FLUSH_LENGTH = 1 << 18;

/**
 * Writes an output topic as a committed reader reads it, up to its end as of now. NDJSON lines are the JSON form of the
 * records, missing features as null; with `columns` they are flat objects of these. CSV has one column a feature
 * (`feature.<name>`), missing ones empty, and no text vectors. Snapshots are their manifests, and nothing narrows them.
 * @returns how many rows were written
 * @throws feature-set-unknown, feature-sets-mixed, column-unknown
 */
export async function dumpTopic(
  source: DumpSource,
  topic: DumpedTopic,
  format: LineFormat,
  write: (text: string) => Promise<void>,
  choice: DumpChoice = {},
): Promise<number> {
  let pending = '';
  let rowCount = 0;
  for await (const text of topic === 'snapshots' ? manifests(source, format) : texts(source, topic, format, choice)) {
    if (text !== null) {
      pending += text;
      rowCount += 1;
    }
    if (pending.length < FLUSH_LENGTH && (text !== null || pending === '')) continue;
    await write(pending);
    pending = '';
  }
  if (pending !== '') await write(pending);
  return rowCount;
}

/** Each row as text; null: there is none for now. */
async function* texts(
  source: DumpSource,
  topic: RecordTopic,
  format: LineFormat,
  choice: DumpChoice,
): AsyncGenerator<string | null> {
  const { line } = readingOf(source, topic);
  if (format === 'ndjson' && choice.columns === undefined)
    return yield* rowsOf(source, topic, choice, (record) => `${line(record)}\n`);
  /** How a row is written; undefined before the first. */
  let render: ((fields: Fields) => string) | undefined;
  // Through JSON, so that numbers have the digits of a line.
  for await (const fields of rowsOf(source, topic, choice, (record) => JSON.parse(line(record)) as Fields)) {
    if (fields === null) {
      yield null;
      continue;
    }
    if (render === undefined) {
      const { columns, check } = await columnsOfLines(source, topic, fields);
      const chosen = chooseColumns(columns, choice.columns);
      const row = format === 'csv' ? csvRow(chosen) : jsonRow(chosen);
      render = (one) => (check(one), row(one));
      if (format === 'csv') yield* [csvHead(chosen.map(({ name }) => name)) + render(fields)];
      else yield render(fields);
    } else yield render(fields);
  }
}

const csvRow =
  (columns: readonly DumpColumn[]) =>
  (fields: Fields): string =>
    csvLine(columns.map(({ read }) => read(fields)));

const jsonRow =
  (columns: readonly DumpColumn[]) =>
  (fields: Fields): string =>
    `${JSON.stringify(Object.fromEntries(columns.map(({ name, read }) => [name, read(fields)])))}\n`;

async function* manifests({ transport }: DumpSource, format: LineFormat): AsyncGenerator<string> {
  let head = '';
  for (const manifest of manifestsOf(await readCatalogue(transport))) {
    if (format === 'ndjson') yield `${JSON.stringify(manifest)}\n`;
    else {
      const cells = Object.entries(manifest);
      if (head === '') yield (head = csvHead(cells.map(([name]) => name))) + csvLine(cells.map(([, value]) => value));
      else yield csvLine(cells.map(([, value]) => value));
    }
  }
}

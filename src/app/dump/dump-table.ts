import { openArrowFile } from '../../adapters/arrow/index.js';
import { openParquetFile } from '../../adapters/parquet/index.js';
import type { ActedItems, History } from '../../events/words.js';
import type { OpenTableFile, TableFile } from '../../ports/table-file.js';
import { chooseColumns } from './choose-columns.js';
import type { DumpColumn } from './columns.js';
import type { DumpChoice } from './dump.js';
import { type DumpSource, type Fields, readingOf, type RecordTopic } from './records.js';
import { emptyShape, namesFor, rowsOf } from './rows.js';
import type { Shape } from './shape.js';

const FORMATS = { parquet: openParquetFile, arrow: openArrowFile } as const satisfies Record<string, OpenTableFile>;
/** Formats of typed columns. */
export type TableFormat = keyof typeof FORMATS;

/** Numbers and texts gathered for one group of rows: about 100 MB while it is written. */
const GROUP_CELLS = 2_000_000;
/** Most rows of a group. */
const GROUP_ROWS = 65_536;

/** Runs an action that writes a file from its beginning; one that fails leaves none. */
export type UseFile = <T>(action: (write: (bytes: Uint8Array) => Promise<void>) => Promise<T>) => Promise<T>;

/**
 * Writes a topic as one file of typed columns, with a column a feature (`feature.<name>`), a carried field
 * (`carried.<path>`) and a text vector (`embedding.<name>`). The types of carried fields are those of their values, text
 * where they differ; a row that needs wider columns than the first rows did lets the file begin anew.
 * @returns how many rows were written
 * @throws feature-set-unknown, column-unknown
 */
export async function dumpTable(
  source: DumpSource,
  topic: RecordTopic,
  format: TableFormat,
  use: UseFile,
  choice: DumpChoice = {},
): Promise<number> {
  const shape = emptyShape(source, topic, await namesFor(source, topic));
  for (;;) {
    try {
      return await use((write) => writeTable(source, topic, { open: FORMATS[format], shape, choice, write }));
    } catch (thrown) {
      if (!(thrown instanceof ShapeGrew)) throw thrown;
    }
  }
}

/** The columns that a file began with are too few or too narrow. It ends since a shape can grow so many times only. */
class ShapeGrew extends Error {}

interface Writing {
  readonly open: OpenTableFile;
  readonly shape: Shape;
  readonly choice: DumpChoice;
  readonly write: (bytes: Uint8Array) => Promise<void>;
}

async function writeTable(source: DumpSource, topic: RecordTopic, writing: Writing): Promise<number> {
  const { shape, choice } = writing;
  /** Columns and file; undefined until the first group is full. */
  let begun: { readonly columns: readonly DumpColumn[]; readonly file: TableFile } | undefined;
  let group: Fields[] = [];
  let groupCells = 0;
  let rowCount = 0;
  const begin = () => {
    const columns = chooseColumns(shape.columns(), choice.columns);
    const file = writing.open({ columns, facts: { 'sluice.topic': topic }, write: writing.write });
    return { columns, file };
  };
  const flush = async (): Promise<void> => {
    begun ??= begin();
    const { columns, file } = begun;
    const rows = group;
    await file.write(
      columns.map(({ read }) => rows.map(read)),
      rows.length,
    );
    rowCount += rows.length;
    group = [];
    groupCells = 0;
  };
  for await (const fields of rowsOf(source, topic, choice, readingOf(source, topic).fields)) {
    if (fields === null) continue;
    if ((await shape.take(fields)) && begun !== undefined) throw new ShapeGrew();
    group.push(fields);
    groupCells += cellsOf(fields);
    if (groupCells >= GROUP_CELLS || group.length >= GROUP_ROWS) await flush();
  }
  if (group.length > 0) await flush();
  begun ??= begin();
  await begun.file.finish();
  return rowCount;
}

/** Numbers and texts of a row, vectors included. */
function cellsOf(fields: Fields): number {
  const { features, embeddings, carried, history } = fields as {
    readonly features?: ArrayLike<number>;
    readonly embeddings?: readonly { readonly values: ArrayLike<number> }[] | null;
    readonly carried?: Readonly<Record<string, unknown>> | null;
    readonly history?: History | null;
  };
  let cells = 24 + (features?.length ?? 0);
  for (const { values } of embeddings ?? []) cells += values.length;
  for (const value of Object.values(carried ?? {}))
    cells += typeof value === 'object' && value !== null ? (value as ArrayLike<number>).length : 1;
  for (const lists of Object.values(history ?? {}) as (ActedItems | null)[])
    cells += LISTS_OF_ITEMS * (lists?.itemIds.length ?? 0);
  return cells;
}

/** Ids, types, gaps. */
const LISTS_OF_ITEMS = 3;

import { dirname, isAbsolute, join } from 'node:path';
import { SluiceError } from '../errors.js';
import { suggestion } from '../config/nearest.js';
import type { TableMapping } from './mapping-schema.js';
import { readRows } from './rows.js';
import { compilePath, rowScope } from './scope.js';
import { Tally } from './tally.js';
import { toText } from './text.js';

/** Rows that a table may have: all of them are held in memory. */
const MOST_ROWS = 5_000_000;

/** Rows of a second file by their key; a later row with the same key replaces an earlier one. */
export interface Table {
  /** Names of its columns, for messages. */
  readonly names: readonly string[];
  /** One of its keys, for messages; undefined where it is empty. */
  readonly someKey: string | undefined;
  /** Rows that could not be read, by reason. */
  readonly faults: Readonly<Record<string, number>>;
  /** A reader of one column of the row with a key. */
  column(path: string): (key: string) => { readonly hasRow: boolean; readonly value: unknown };
}

/**
 * Reads the second files of a mapping.
 * @param mappingPath their paths are relative to its folder
 * @throws SluiceError `file-unreadable`, `import-file-invalid`; `mapping-invalid` for a key that the file does not have
 */
export async function loadTables(
  tables: Readonly<Record<string, TableMapping>>,
  mappingPath: string,
): Promise<ReadonlyMap<string, Table>> {
  const loaded = new Map<string, Table>();
  for (const [name, table] of Object.entries(tables)) {
    const path = isAbsolute(table.file) ? table.file : join(dirname(mappingPath), table.file);
    loaded.set(name, await loadTable(name, path, table, mappingPath));
  }
  return loaded;
}

async function loadTable(name: string, path: string, table: TableMapping, mappingPath: string): Promise<Table> {
  const keyOf = compilePath(table.key);
  const rows = new Map<string, unknown>();
  const faults = new Tally();
  let names: readonly string[] = [];
  for await (const batch of readRows(path, table)) {
    for (const { value, line, fault, isGarbled } of batch.rows) {
      if (isGarbled)
        throw new SluiceError('import-file-invalid', {
          path,
          line,
          why: `${fault}: name the encoding in tables.${name}.encoding, such as gb18030`,
        });
      if (fault !== undefined) {
        faults.add(`tables.${name}: ${fault}`);
        continue;
      }
      if (names.length === 0 && typeof value === 'object' && value !== null) names = Object.keys(value);
      const key = toText(keyOf(rowScope(value)));
      if (key !== undefined) rows.set(key, value);
    }
    if (rows.size > MOST_ROWS)
      throw new SluiceError('import-file-invalid', {
        path,
        line: rows.size,
        why: `a table has at most ${MOST_ROWS} rows`,
      });
  }
  if (rows.size === 0 && names.length > 0) {
    const problems = `tables.${name}: ${path} has no column ${JSON.stringify(table.key)}.${suggestion(table.key, names)}`;
    throw new SluiceError('mapping-invalid', { path: mappingPath, problems });
  }
  return {
    names,
    faults: faults.toObject(),
    someKey: rows.keys().next().value,
    column(column) {
      const read = compilePath(column);
      return (key) => {
        const row = rows.get(key);
        return { hasRow: row !== undefined, value: row === undefined ? undefined : read(rowScope(row)) };
      };
    },
  };
}

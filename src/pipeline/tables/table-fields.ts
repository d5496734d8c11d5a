import type { TableConfig } from '../../config/tables-schema.js';
import { tableFieldOf } from '../../events/table-field.js';
import type { CleanList } from '../admitted.js';
import type { CarriedReader } from '../clean/carried.js';
import type { DeclaredReader } from '../clean/declared.js';
import { compileMessagePath, type Look } from '../clean/message-path.js';
import type { TableKeys, TablePlaces, ValueOf } from '../clean/table-places.js';
import type { Row } from './versioned-table.js';

/** The fields of tables that some paths use. */
export class UsedFields {
  /** Paths in the rows of each table, in the order of the tables: what a {@link Row} holds. */
  readonly fields: readonly (readonly string[])[];
  private readonly names: readonly string[];

  constructor(paths: readonly string[], tables: readonly { readonly name: string }[]) {
    this.names = tables.map(({ name }) => name);
    const used = paths.flatMap((path) => tableFieldOf(path) ?? []);
    this.fields = this.names.map((name) => [
      ...new Set(used.filter(({ table }) => table === name).map(({ field }) => field)),
    ]);
  }

  readonly places: TablePlaces = (path) => {
    const of = tableFieldOf(path);
    const table = of ? this.names.indexOf(of.table) : -1;
    return of && table >= 0 ? { table, field: this.fields[table]!.indexOf(of.field) } : undefined;
  };
}

const PATHS: Readonly<Record<string, string>> = { item: 'items.itemId', user: 'userId' };

/** Reads out of a message what names the rows of an item. */
export function tableKeysReader(
  tables: readonly Pick<TableConfig, 'key'>[],
): (list: object, item: object) => TableKeys {
  const looks: readonly Look[] = tables.map(({ key }) => compileMessagePath(PATHS[key] ?? key));
  return (list, item) => looks.map((look) => rowKeyOf(look(list, item)));
}

/** A key as text, as both sides of a look-up have it; null: it is none. */
export function rowKeyOf(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

/** Finds the row of a key in a table as of a time; undefined: there is none. */
export type FindRow = (table: number, key: string | null, timeMs: number) => Row | undefined;

/**
 * Puts what the rows of its items say into a list whose turn has come.
 * @param find is asked once for each item and table
 */
export function withRows(
  list: CleanList,
  find: FindRow,
  { declared, carried }: { readonly declared: DeclaredReader | undefined; readonly carried: CarriedReader | undefined },
): CleanList {
  const items = list.items.map((item) => {
    const rows = item.tableKeys?.map((key, table) => find(table, key, list.eventTimeMs)) ?? [];
    const valueOf: ValueOf = (table, field) => rows[table]?.[field];
    return {
      ...item,
      ...(item.declared && declared ? { declared: declared.fromTables(item.declared, valueOf, list.eventTimeMs) } : {}),
      ...(item.carried && carried ? { carried: carried.fromTables(item.carried, valueOf) } : {}),
    };
  });
  return { ...list, items };
}

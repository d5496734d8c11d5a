/** What writes rows into a file of typed columns (Parquet, Arrow IPC). `test/laws/table-file-laws.ts` holds every one to it. */

/**
 * Types of a column: `int64` holds integers that a double holds exactly; `texts`, `float32s` and `int64s` are lists of any
 * length.
 */
export type ColumnType =
  'text' | 'boolean' | 'int32' | 'int64' | 'float32' | 'float64' | 'texts' | 'float32s' | 'int64s';

/** One value of a row; null: none. Numbers of `float32` columns are rounded to it. */
export type Cell = string | number | boolean | readonly string[] | ArrayLike<number> | null;

export interface TableColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** False: no row lacks it, and readers get a type without null. */
  readonly isNullable: boolean;
}

export interface TableFile {
  /** Writes a group of rows, one array of cells a column. Resolves when its bytes are written. */
  write(cells: readonly (readonly Cell[])[], rowCount: number): Promise<void>;
  /** Writes the end. Without it the file cannot be read. */
  finish(): Promise<void>;
}

export interface TableFileOptions {
  readonly columns: readonly TableColumn[];
  /** Texts that the file says about itself, by name. */
  readonly facts: Readonly<Record<string, string>>;
  readonly write: (bytes: Uint8Array) => Promise<void>;
}

/** Begins a file. The same rows in the same groups give the same bytes. */
export type OpenTableFile = (options: TableFileOptions) => TableFile;

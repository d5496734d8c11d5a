/** Where a field of a table stands: the place of its table, and of the field among those of it that are used. */
export interface TablePlace {
  readonly table: number;
  readonly field: number;
}

/** Finds the place that a path names; undefined: it is a path in the message. */
export type TablePlaces = (path: string) => TablePlace | undefined;

/** The value in an item's row of a table; undefined: no row, or none in it. */
export type ValueOf = (table: number, field: number) => unknown;

/** What names the rows of an item, one a table; null: nothing does. */
export type TableKeys = readonly (string | null)[];

import { COUNTER_COLUMNS } from './columns/of-counters.js';
import { LIST_COLUMNS } from './columns/of-list.js';
import { SESSION_COLUMNS } from './columns/of-session.js';

export type { Column, DefinedColumn } from './columns/column.js';

/**
 * Every column there is, in row order; rows hold those that `features.omit` does not name. Every value is taken from the state as it was when the impression's turn came,
 * before the list itself was counted. Rates are smoothed towards the surface's rate: (clicks + k·prior)/(shown + k), both
 * counts decayed exponentially. "Acted on" means any interaction, "clicked" one that reached the goal.
 */
export const COLUMNS = [...LIST_COLUMNS, ...COUNTER_COLUMNS, ...SESSION_COLUMNS] as const;

export type ColumnName = (typeof COLUMNS)[number]['name'];

/** Place of each column in a row. */
export const AT = Object.freeze(Object.fromEntries(COLUMNS.map(({ name }, index) => [name, index]))) as Readonly<
  Record<ColumnName, number>
>;

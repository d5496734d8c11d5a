import type { Definition } from '../definitions.js';

/** A column of the feature set. NaN = missing everywhere. */
export interface Column {
  readonly name: string;
  readonly unit: string;
  readonly meaning: string;
}

/** A column with how its value is had. */
export interface DefinedColumn extends Column {
  readonly of: Definition;
}

/** A row of the table of columns. */
export const column = <Name extends string>(
  name: Name,
  unit: string,
  meaning: string,
  of: Definition,
): DefinedColumn & { readonly name: Name } => ({ name, unit, meaning, of });

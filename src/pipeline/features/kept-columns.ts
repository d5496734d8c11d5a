import { SluiceError } from '../../errors.js';
import { COLUMNS, type DefinedColumn } from './columns.js';

/** The columns that rows hold: which of {@link COLUMNS}, in their order. */
export interface KeptColumns {
  readonly indexes: Int32Array;
  readonly columns: readonly DefinedColumn[];
}
/** The names among these that no column has. */
export function unknownColumns(names: readonly string[]): readonly string[] {
  return names.filter((wanted) => !COLUMNS.some(({ name }) => name === wanted));
}

/**
 * The columns that `features.omit` leaves.
 * @throws config-invalid for a name that no column has, or when none is left
 */
export function keptColumns(omitted: readonly string[]): KeptColumns {
  const unknown = unknownColumns(omitted);
  if (unknown.length > 0)
    throw new SluiceError('config-invalid', {
      problems: `features.omit: no column is called ${unknown.join(', ')}; \`sluice describe features\` names them`,
    });
  const indexes = COLUMNS.flatMap(({ name }, index) => (omitted.includes(name) ? [] : [index]));
  if (indexes.length === 0) throw new SluiceError('config-invalid', { problems: 'features.omit leaves no column' });
  return { indexes: Int32Array.from(indexes), columns: indexes.map((index) => COLUMNS[index]!) };
}

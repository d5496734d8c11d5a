import type { DeclaredFeature } from '../../config/declared-schema.js';
import { SluiceError } from '../../errors.js';
import { COLUMNS, type DefinedColumn } from './columns.js';
import { declaredColumns } from './declared/columns.js';

/** The settings that say which columns there are. */
export interface ColumnSettings {
  readonly omit: readonly string[];
  readonly declared: readonly DeclaredFeature[];
}

/** Most columns of declared features: a row of every open impression holds them. */
const MOST_DECLARED_COLUMNS = 4_096;

/** Every column there is under some settings, those of {@link COLUMNS} first. */
function allColumns({ declared }: Pick<ColumnSettings, 'declared'>): readonly DefinedColumn[] {
  return declared.length === 0 ? COLUMNS : [...COLUMNS, ...declaredColumns(declared)];
}

/** The names in `features.omit` that no column has. */
export function unknownColumns({ omit, declared }: ColumnSettings): readonly string[] {
  const names = new Set(allColumns({ declared }).map(({ name }) => name));
  return omit.filter((name) => !names.has(name));
}

/** What is wrong with the columns of declared features; null: nothing. */
export function declaredProblem({ declared }: Pick<ColumnSettings, 'declared'>): string | null {
  const own = declaredColumns(declared);
  if (own.length > MOST_DECLARED_COLUMNS) return `${own.length} columns are too many: at most ${MOST_DECLARED_COLUMNS}`;
  const names = new Set<string>();
  for (const { name } of allColumns({ declared })) {
    if (names.has(name)) return `two columns would be called ${name}`;
    names.add(name);
  }
  const aimless = declared.find(
    (feature) => feature.kind === 'vector' && feature.as.includes('query') && !feature.query,
  );
  return aimless ? `${aimless.name} is compared with the vector at \`query\`, which is not given` : null;
}

/**
 * The columns that `features.omit` leaves, those of `features.declared` behind the others.
 * @throws config-invalid for a name that no column has or two have, or when none is left
 */
export function keptColumns(features: ColumnSettings): readonly DefinedColumn[] {
  const unknown = unknownColumns(features);
  if (unknown.length > 0)
    throw new SluiceError('config-invalid', {
      problems: `features.omit: no column is called ${unknown.join(', ')}; \`sluice describe features\` names them`,
    });
  const problem = declaredProblem(features);
  if (problem !== null) throw new SluiceError('config-invalid', { problems: `features.declared: ${problem}` });
  const columns = allColumns(features).filter(({ name }) => !features.omit.includes(name));
  if (columns.length === 0) throw new SluiceError('config-invalid', { problems: 'features.omit leaves no column' });
  return columns;
}

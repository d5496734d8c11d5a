import type { DeclaredFeature } from '../../config/declared-schema.js';
import { SluiceError } from '../../errors.js';
import { COLUMNS, type DefinedColumn } from './columns.js';
import type { StateFeature } from '../../config/state-schema.js';
import { declaredColumns } from './declared/columns.js';
import { lineProblem } from './declared/problems.js';
import { stateColumns, stateProblem } from './own-state.js';
import { textColumns, type TextSettings } from './text-blocks.js';

/** The settings that say which columns there are. */
export interface ColumnSettings {
  readonly omit: readonly string[];
  readonly declared: readonly DeclaredFeature[];
  /** Absent: none. */
  readonly state?: readonly StateFeature[];
  /** Absent: none. */
  readonly text?: TextSettings;
}

/** Most columns of declared features: a row of every open impression holds them. */
const MOST_DECLARED_COLUMNS = 4_096;

/** Every column there is under some settings, those of {@link COLUMNS} first. */
function allColumns(settings: Omit<ColumnSettings, 'omit'>): readonly DefinedColumn[] {
  const own = ownColumns(settings);
  return own.length === 0 ? COLUMNS : [...COLUMNS, ...own];
}

function ownColumns({ declared, state = [], text }: Omit<ColumnSettings, 'omit'>): readonly DefinedColumn[] {
  return [
    ...declaredColumns(declared),
    ...stateColumns({ declared: [...declared], state: [...state] }),
    ...(text ? textColumns(text) : []),
  ];
}

/** The names in `features.omit` that no column has. */
export function unknownColumns({ omit, ...settings }: ColumnSettings): readonly string[] {
  const names = new Set(allColumns(settings).map(({ name }) => name));
  return omit.filter((name) => !names.has(name));
}

/** What is wrong with the columns of declared features and state; null: nothing. */
export function declaredProblem({ declared, state = [], text }: Omit<ColumnSettings, 'omit'>): string | null {
  const wrongLine = declared.map(lineProblem).find((problem) => problem !== null);
  if (wrongLine !== undefined) return wrongLine;
  const wrongState = stateProblem({ declared: [...declared], state: [...state] });
  if (wrongState !== null) return wrongState;
  const own = ownColumns({ declared, state, ...(text ? { text } : {}) });
  if (own.length > MOST_DECLARED_COLUMNS) return `${own.length} columns are too many: at most ${MOST_DECLARED_COLUMNS}`;
  const names = new Set<string>();
  for (const { name } of [...COLUMNS, ...own]) {
    if (names.has(name)) return `two columns would be called ${name}`;
    names.add(name);
  }
  return null;
}

/**
 * The columns that `features.omit` leaves, those of `features.declared`, `features.state` and `features.text` behind the others.
 * @throws config-invalid for a name that no column has or two have, or when none is left
 */
export function keptColumns(features: ColumnSettings): readonly DefinedColumn[] {
  const unknown = unknownColumns(features);
  if (unknown.length > 0)
    throw new SluiceError('config-invalid', {
      problems: `features.omit: no column is called ${unknown.join(', ')}; \`sluice describe features\` names them`,
    });
  const problem = declaredProblem(features);
  if (problem !== null)
    throw new SluiceError('config-invalid', { problems: `features.declared and features.state: ${problem}` });
  const columns = allColumns(features).filter(({ name }) => !features.omit.includes(name));
  if (columns.length === 0) throw new SluiceError('config-invalid', { problems: 'features.omit leaves no column' });
  return columns;
}

import type { JudgedBundle } from '../../bundle/sample.js';
import type { Model } from '../../ports/model.js';
import { predictAudit } from '../evaluate/predict-rows.js';
import { logLosses, mean } from '../metrics/log-loss.js';
import { seededRandom } from '../learners/random.js';
import { Z_95 } from '../promote/paired-bound.js';

/** What a column is worth to a model: how much higher its log loss is where the column says nothing. */
export interface ColumnImportance {
  readonly column: string;
  /** Mean rise of the log loss, nats a row; about 0 for a column that the model does not need. */
  readonly rise: number;
  /** Standard error of that over the draw of the rows. */
  readonly standardError: number;
}

/** What columns are worth, and which of them nothing would be lost without. */
export interface Importances {
  readonly rows: number;
  /** Of the model as it is, nats a row. */
  readonly logLoss: number;
  /** Largest rise first. */
  readonly columns: readonly ColumnImportance[];
  /** Columns that together are worth less than {@link ENOUGH_TO_STAY} of the log loss, with 95 % confidence. */
  readonly toLeaveOut: readonly string[];
  /** What the columns to leave out are worth, all of them silenced at once; null where there are none. */
  readonly together: Omit<ColumnImportance, 'column'> | null;
}

/** Share of the log loss below which a column is not worth its place. */
export const ENOUGH_TO_STAY = 0.001;

const SHUFFLES = 5;
const SEED = 0x1e_57a7;

/**
 * Permutation importance on rows that the model was not fitted on: the rise of the log loss when a column's values are dealt
 * to the rows anew, mean of five deals; the standard error is that of the mean over rows of each row's rise. Columns that say
 * the same stand in for one another and look worthless each, so the proposal is tried as a whole: it is shortened by its
 * most valuable column until all of it, dealt anew together, is worth nothing. It says nothing of what a model fitted
 * without them would do with the rest: that is seen by leaving them out.
 * Source: Breiman 2001, Random Forests, section 10; Fisher, Rudin & Dominici 2019 on groups of columns.
 * @param audit at least two rows
 */
export async function columnImportances(
  model: Model,
  audit: JudgedBundle,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<Importances> {
  const before = logLosses(await predictAudit(model, audit, signal), audit.labels);
  const riseOf = (columns: readonly number[]) => riseWithout(model, audit, columns, before, signal);
  const worth: { column: number; rise: number; standardError: number }[] = [];
  for (const column of names.keys()) worth.push({ column, ...(await riseOf([column])) });
  worth.sort((a, b) => b.rise - a.rise || a.column - b.column);
  const logLoss = mean(before);
  const isWorthless = ({ rise, standardError }: { rise: number; standardError: number }): boolean =>
    rise + Z_95 * standardError < ENOUGH_TO_STAY * logLoss;
  let left = worth.filter(isWorthless);
  let together = left.length > 0 ? await riseOf(left.map(({ column }) => column)) : null;
  while (together && !isWorthless(together)) {
    left = left.slice(1);
    together = left.length > 0 ? await riseOf(left.map(({ column }) => column)) : null;
  }
  return {
    rows: audit.rowCount,
    logLoss,
    columns: worth.map(({ column, ...rest }) => ({ column: names[column]!, ...rest })),
    toLeaveOut: left.map(({ column }) => names[column]!),
    together,
  };
}

async function riseWithout(
  model: Model,
  audit: JudgedBundle,
  columns: readonly number[],
  before: Float64Array,
  signal: AbortSignal | undefined,
): Promise<Omit<ColumnImportance, 'column'>> {
  const { rows, rowCount, columnCount, labels } = audit;
  const rises = new Float64Array(rowCount);
  for (let deal = 0; deal < SHUFFLES; deal++) {
    const from = dealt(rowCount, deal);
    const mixed = rows.slice();
    for (let row = 0; row < rowCount; row++)
      for (const column of columns) mixed[row * columnCount + column] = rows[from[row]! * columnCount + column]!;
    const after = logLosses(await predictAudit(model, { ...audit, rows: mixed }, signal), labels);
    for (let row = 0; row < rowCount; row++) rises[row]! += (after[row]! - before[row]!) / SHUFFLES;
  }
  const rise = mean(rises);
  const squares = rises.reduce((sum, own) => sum + (own - rise) ** 2, 0);
  return { rise, standardError: Math.sqrt(squares / (rowCount - 1) / rowCount) };
}

/** The rows in an order of chance, the same for every column. */
function dealt(rowCount: number, deal: number): Uint32Array {
  const random = seededRandom(SEED, deal);
  const order = Uint32Array.from({ length: rowCount }, (_, row) => row);
  for (let row = rowCount - 1; row > 0; row--) {
    const other = Math.floor(random() * (row + 1));
    [order[row], order[other]] = [order[other]!, order[row]!];
  }
  return order;
}

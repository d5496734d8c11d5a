import type { Model } from '../ports/model.js';
import type { Random } from '../ports/random.js';
import { logLossOf } from './metrics/log-loss.js';

/** Rows to judge on, as a learner takes them; weights are 1/π or ones. */
export interface JudgedRows {
  readonly rows: Float32Array;
  readonly rowCount: number;
  readonly columnCount: number;
  readonly labels: Uint8Array;
  readonly weights: Float32Array;
}

/** What one column is worth to a model on given rows. */
export interface ColumnImportance {
  /** Log loss with the column shuffled minus log loss without, weighted mean over rows, natural log. About 0 or less: of no use. */
  readonly lossIncrease: number;
  /** Standard error of that difference over the rows. */
  readonly standardError: number;
}

/**
 * Permutation importance, one a column in column order: each column's values are shuffled over the rows, the others left.
 * Costs one prediction of all rows a column. The given rows are not changed. Two columns that say the same hide each
 * other: both come out low.
 * Source: Breiman 2001, Random Forests, section 10; Fisher, Rudin & Dominici 2019.
 */
export async function permutationImportance(
  model: Pick<Model, 'predict'>,
  judged: JudgedRows,
  random: Random,
): Promise<readonly ColumnImportance[]> {
  const { rows, rowCount, columnCount } = judged;
  const before = (await model.predict(rows, rowCount)).probability;
  const changed = rows.slice();
  const importances: ColumnImportance[] = [];
  for (let column = 0; column < columnCount; column++) {
    const order = shuffled(rowCount, random);
    for (let i = 0; i < rowCount; i++) changed[i * columnCount + column] = rows[order[i]! * columnCount + column]!;
    importances.push(difference(before, (await model.predict(changed, rowCount)).probability, judged));
    for (let i = 0; i < rowCount; i++) changed[i * columnCount + column] = rows[i * columnCount + column]!;
  }
  return importances;
}

function difference(
  before: Float32Array,
  after: Float32Array,
  { labels, weights, rowCount }: JudgedRows,
): ColumnImportance {
  let total = 0;
  let sum = 0;
  const differences = new Float64Array(rowCount);
  for (let i = 0; i < rowCount; i++) {
    differences[i] = logLossOf(after[i]!, labels[i]!) - logLossOf(before[i]!, labels[i]!);
    total += weights[i]!;
    sum += weights[i]! * differences[i]!;
  }
  const lossIncrease = total > 0 ? sum / total : 0;
  let squares = 0;
  for (let i = 0; i < rowCount; i++) squares += (weights[i]! * (differences[i]! - lossIncrease)) ** 2;
  return { lossIncrease, standardError: total > 0 ? Math.sqrt(squares) / total : 0 };
}

function shuffled(count: number, random: Random): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}

import { keptColumns, type ColumnSettings } from '../features/kept-columns.js';
import { shifted } from '../../events/shifted.js';
import type { Importances } from '../select/importances.js';
import { rateOffset, type Rates } from '../select/sampling-rates.js';
import type { ScorableBatch, Scorer } from './scorer.js';

/** The `scorer` of samples that were selected before the first snapshot, by the click-through in their own feature row. */
export const PRIOR = 'prior';

/**
 * Importances before the first snapshot: the column `neighbourRate` is a probability that needs no model, known for every
 * impression from the first minute of a stream. Without it everything would be kept uniformly until enough clicks are
 * there for a fit: at a budget of 1 % and a click rate of 4 % that is half a day of 100,000 samples.
 * A log that was sampled by label before it came clicks more often than the whole; importance is of the whole log, so the rate is, too.
 * A scorer that declares no `early` waits for the champion; so do rows of another feature set.
 * @param early how the scorer reads a prediction of one member
 * @param column place of the prior in the row, {@link priorColumn}
 * @returns undefined where the coin alone decides
 */
export function priorImportances(
  early: Scorer | undefined,
  column: number,
  samples: Pick<ScorableBatch, 'rows' | 'rowCount' | 'columnCount' | 'labels'> & Rates,
): Importances | undefined {
  if (!early || column < 0 || column >= samples.columnCount) return undefined;
  const { rows, rowCount, columnCount, labels } = samples;
  const probability = new Float32Array(rowCount);
  for (let i = 0, at = column; i < rowCount; i++, at += columnCount) {
    const rate = rows[at]!;
    if (!(rate >= 0 && rate <= 1)) return undefined;
    probability[i] = shifted(rate, -rateOffset(samples, i));
  }
  const importances = { ifNegative: new Float64Array(rowCount), ifPositive: new Float64Array(rowCount), isPrior: true };
  const prediction = { probability, members: probability };
  early.score(
    { prediction, rowCount, memberCount: 1, snapshotVersion: PRIOR, rows, columnCount, labels },
    importances.ifNegative,
    importances.ifPositive,
  );
  return importances;
}

/** Place of the prior in a row; −1 where `features.omit` names it. */
export function priorColumn(features: ColumnSettings): number {
  return keptColumns(features).findIndex(({ name }) => name === 'neighbourRate');
}

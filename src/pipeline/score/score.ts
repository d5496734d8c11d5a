import { messageOf, SluiceError } from '../../errors.js';
import type { Model, Prediction } from '../../ports/model.js';
import type { ClosedBatch } from '../close/close.js';
import type { Importances } from '../select/importances.js';
import type { Rates } from '../select/sampling-rates.js';
import { PRIOR, priorImportances } from './prior.js';
import type { NamedScorer } from './scorers.js';

/** What scoring looks at. */
export type ScorableSamples = Pick<ClosedBatch, 'rowCount' | 'columnCount' | 'labels' | 'rows'> & Rates;

/** What the champion makes of a batch. */
export interface Scores {
  /** The champion's predictions, made without knowing the outcomes; undefined before the first snapshot. */
  readonly prediction: Prediction | undefined;
  readonly snapshotVersion: string;
  readonly scorer: string;
  /** undefined where the coin alone decides, as under the uniform scorer. Before the first snapshot: {@link priorImportances}. */
  readonly importances: Importances | undefined;
}

/** A closed batch as the champion saw it. */
export interface ScoredBatch extends Scores {
  readonly closed: ClosedBatch;
}

/** Name in `snapshotVersion` before the first snapshot. */
export const NO_SNAPSHOT = 'none';

/**
 * Scores a batch with the champion; by the prior when there is none, when it fails, or when an answer of it is no
 * probability. A failing champion never ends the stream.
 * @param priorAt place of the prior in a row; −1 leaves such batches to the coin
 */
export async function scoreBatch(
  samples: ScorableSamples,
  champion: Model | undefined,
  scorer: NamedScorer,
  priorAt = -1,
): Promise<Scores> {
  const { rows, columnCount, labels, rowCount } = samples;
  if (!champion || rowCount === 0) return byPrior(samples, scorer, priorAt);
  const { snapshotVersion, memberCount } = champion;
  const prediction = await predictionOf(champion, samples, (why) => champion.fail?.(why));
  if (!prediction) return byPrior(samples, scorer, priorAt);
  let importances: Importances | undefined;
  if (scorer.keepsBy !== 'budget') {
    importances = { ifNegative: new Float64Array(rowCount), ifPositive: new Float64Array(rowCount) };
    const batch = { prediction, rowCount, memberCount, snapshotVersion, rows, columnCount, labels };
    scorer.score(batch, importances.ifNegative, importances.ifPositive);
  }
  return { prediction, snapshotVersion, scorer: scorer.name, importances };
}

/** What the champion says of some rows; undefined, and `failed` is told, when it fails or answers something else. */
export async function predictionOf(
  champion: Model,
  { rows, rowCount }: Pick<ScorableSamples, 'rows' | 'rowCount'>,
  failed: (why: string) => void,
): Promise<Prediction | undefined> {
  let why = 'it predicts something that is not a probability';
  try {
    const prediction = await champion.predict(rows, rowCount);
    // A model brought from elsewhere may answer NaN: it must not poison the threshold, whose state outlives it.
    if (prediction.probability.every(isProbability) && prediction.members.every(isProbability)) return prediction;
  } catch (thrown) {
    if (thrown instanceof SluiceError && thrown.class === 'bug') throw thrown;
    why = messageOf(thrown);
  }
  failed(why);
  return undefined;
}

function byPrior(samples: ScorableSamples, { early }: NamedScorer, priorAt: number): Scores {
  const importances = priorImportances(early, priorAt, samples);
  return {
    prediction: undefined,
    snapshotVersion: NO_SNAPSHOT,
    scorer: importances ? PRIOR : 'uniform',
    importances,
  };
}

function isProbability(value: number): boolean {
  return value >= 0 && value <= 1;
}

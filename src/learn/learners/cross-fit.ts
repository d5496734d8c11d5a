import { isOfProbabilities, membersOut, type Fitted, type Predictor } from '../../ports/learner.js';
import type { TrainingRows } from '../../ports/trainer.js';
import { solveIntercept } from './intercept.js';
import { marginsWith } from './predict-with.js';

/** Of each class in each half, to set a whole by: with fewer, chance would move it further than what it is short of. */
export const LEAST_TO_SET_BY = 10;

/** A predictor, and rows of sessions that it has not seen. */
export type Unseen = readonly [predictor: Predictor, rows: TrainingRows];

/**
 * What members predict too little of, in log-odds: for each the constant with which it predicts as many positives among
 * unseen rows as there are. A flexible learner knows its own positives by heart: they are predicted high, and the rows that
 * it has not seen so much lower that of a hundred positives in the stream sixty are predicted. undefined where members are
 * probabilities: a leaf of a forest is a rate that was shrunk already.
 * Source: the cross-fitted calibration of Platt 1999, section 2.1, with the intercept alone: a slope from a few dozen
 * positives costs more log loss than it saves.
 */
export function shortfall(parts: readonly Unseen[]): Float64Array | undefined {
  if (parts.some(([predictor]) => isOfProbabilities(predictor))) return undefined;
  const members = membersOut(parts[0]![0]);
  const labels = Uint8Array.from(parts.flatMap(([, rows]) => [...rows.labels]));
  const weights = Float32Array.from(parts.flatMap(([, rows]) => [...rows.weights]));
  const margins = parts.map(([predictor, rows]) => marginsWith(predictor, rows.rows, rows.rowCount));
  return Float64Array.from({ length: members }, (_, member) => {
    const offsets = new Float32Array(labels.length);
    let at = 0;
    parts.forEach(([, rows], part) => {
      for (let i = 0; i < rows.rowCount; i++, at++)
        offsets[at] = margins[part]![i * members + member]! + rows.offsets[i]!;
    });
    return solveIntercept(labels, offsets, weights);
  });
}

/** The same predictor with a constant added to the log-odds of each member. */
export function lifted(fitted: Fitted, by: Float64Array | undefined): Fitted {
  if (by === undefined) return fitted;
  const { predictor } = fitted;
  const add = (constants: Float32Array): Float32Array => constants.map((own, member) => own + by[member]!);
  return {
    ...fitted,
    predictor:
      predictor.kind === 'trees'
        ? { ...predictor, base: add(predictor.base) }
        : { ...predictor, intercept: add(predictor.intercept) },
  };
}

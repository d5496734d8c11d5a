import type { JudgedBundle } from '../../bundle/sample.js';
import type { Config } from '../../config/schema.js';
import type { FitRequest } from '../../ports/trainer.js';
import { correctionOf, learnerSettings } from '../learners/index.js';
import type { Learner } from '../learners/learner.js';
import type { LabelledRows } from '../reservoir/late-labels.js';
import { correctedRows } from './correction.js';

/** The section `retrain`; with the correction of a learner that a plugin declares. */
export type FitSettings = Config['retrain'] & { readonly correction?: Learner['correction'] };

/** The same in two halves of the sessions, so that every row has a model that has not seen its session. */
export function fitInHalves(retrain: FitSettings, held: LabelledRows): FitRequest {
  return { ...fitRequest(retrain, held), folds: held.folds };
}

/** The request for one fit: rows corrected for selection as the learner takes it, and its settings `retrain.<learner>`. */
export function fitRequest(retrain: FitSettings, held: JudgedBundle & Pick<LabelledRows, 'late'>): FitRequest {
  const { learner, seed, correction = correctionOf(learner) } = retrain;
  return { learner, seed, training: correctedRows(correction, held), settings: learnerSettings(retrain) };
}

import type { HeldBundle, JudgedBundle } from '../../bundle/sample.js';
import type { Config } from '../../config/schema.js';
import type { FitRequest } from '../../ports/trainer.js';
import { correctedRows } from './correction.js';

/** The same in two halves of the sessions, so that every row has a model that has not seen its session. */
export function fitInHalves(retrain: Config['retrain'], held: HeldBundle): FitRequest {
  return { ...fitRequest(retrain, held), folds: held.folds };
}

/** The request for one fit: rows corrected for selection as the learner takes it, and its settings `retrain.<learner>`. */
export function fitRequest(retrain: Config['retrain'], held: JudgedBundle): FitRequest {
  const { learner, seed } = retrain;
  return { learner, seed, training: correctedRows(learner, held), settings: retrain[learner] };
}

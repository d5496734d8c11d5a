import type { JudgedBundle } from '../../bundle/sample.js';
import type { Config } from '../../config/schema.js';
import type { FitRequest } from '../../ports/trainer.js';
import { correctedRows } from './correction.js';

/** The request for one fit: rows corrected for selection as the learner takes it, and its settings `retrain.<learner>`. */
export function fitRequest(retrain: Config['retrain'], held: JudgedBundle): FitRequest {
  const { learner, seed } = retrain;
  return { learner, seed, training: correctedRows(learner, held), settings: retrain[learner] };
}

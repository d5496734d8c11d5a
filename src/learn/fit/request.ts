import type { Config } from '../../config/schema.js';
import type { FitRequest } from '../../ports/trainer.js';
import type { OrderedRows } from '../reservoir/row-slab.js';
import { correctedRows } from './correction.js';

/** The request for one fit: rows corrected for selection as the learner takes it, and its settings `retrain.<learner>`. */
export function fitRequest(retrain: Config['retrain'], held: OrderedRows): FitRequest {
  const { learner, seed } = retrain;
  return { learner, seed, training: correctedRows(learner, held), settings: retrain[learner] };
}

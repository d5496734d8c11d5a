import type { GrowTree, Learners } from '../../ports/learner.js';
import { boostingLearner } from './boosting/boosting.js';
import { forestLearner } from './forest.js';
import { headLearner } from './head.js';
import { linearLearner } from './linear.js';

/** Every learner by its config name. `grow` is the tree library behind the forest. */
export function learnersWith(grow: GrowTree): Learners {
  return { forest: forestLearner(grow), boosting: boostingLearner, linear: linearLearner, head: headLearner };
}

export { predictWith } from './predict-with.js';
export { seededRandom } from './random.js';

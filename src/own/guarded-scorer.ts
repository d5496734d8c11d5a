import { SluiceError } from '../errors.js';
import { ownName } from '../events/own-name.js';
import type { Scorer, ScorerDeclaration } from '../pipeline/score/scorer.js';
import { guarded, type Guard } from './guard.js';
import type { OwnScorer } from './parts.js';

/**
 * A scorer of a plugin as one of ours. Keeps by the coin, so that π is the chance of being kept whatever it says.
 * @returns its `score` throws `plugin-failed` when it throws or gives no importance, `plugin-slow` when it does not come back
 */
export function guardedScorer(own: OwnScorer, { file, limitMs }: Guard): ScorerDeclaration {
  const what = `scorer ${ownName(own.name)} of ${file}`;
  const within = guarded(what, limitMs);
  const check = (importances: Float64Array, rowCount: number, label: 0 | 1): void => {
    for (let i = 0; i < rowCount; i++) {
      const importance = importances[i]!;
      if (importance >= 0 && importance < Infinity) continue;
      const why = `gave row ${i} the importance ${importance} for label ${label}: it must be finite and not negative`;
      throw new SluiceError('plugin-failed', { what, why });
    }
  };
  const scorer: Scorer = {
    score(batch, ifNegative, ifPositive) {
      // What is not written is not 0.
      ifNegative.fill(NaN);
      ifPositive.fill(NaN);
      within(() => own.score(batch, ifNegative, ifPositive));
      check(ifNegative, batch.rowCount, 0);
      check(ifPositive, batch.rowCount, 1);
    },
  };
  return {
    summary: own.summary,
    keepsBy: 'coin',
    ...(own.early === false ? {} : { early: scorer }),
    make: () => scorer,
  };
}

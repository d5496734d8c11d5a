import type { Config } from '../../config/schema.js';
import type { Decision } from '../../snapshot/manifest.js';
import { finiteOrNull } from '../metrics/finite.js';
import type { PairedBound } from './paired-bound.js';

export type PromotionPolicy = Config['retrain']['promote'];

/** What a decision rests on. */
export interface PromotionCase {
  readonly policy: PromotionPolicy;
  /** Version of the present champion; undefined before the first: the baseline is then the base rate of the training rows. */
  readonly champion: string | undefined;
  /** Why the champion could not be judged: it then counts as none. */
  readonly championFailed?: string | undefined;
  /** Version that an operator pinned: nothing is promoted until it is unpinned. */
  readonly pin?: string | undefined;
  /** Gain of the candidate over champion or base rate on the same audit samples. */
  readonly bound: PairedBound;
  /** Every prediction of the candidate was a probability. */
  readonly finite: boolean;
  /** What speaks against it besides its log loss; undefined: nothing. See `guardOf`. */
  readonly guard?: string | undefined;
}

/**
 * Decides whether a candidate becomes champion.
 * - Never one that predicts something other than probabilities, and never under `manual`.
 * - Against a champion: `not-worse` promotes unless the candidate is significantly worse (upper bound < 0), because a
 *   fresher model on equal evidence is the better bet; with few audit samples that is nearly always. `better` promotes
 *   only when it is significantly better (lower bound > 0).
 * - First model, or the first after a champion that fails: it must beat the base rate on average, and the guards hold for it, too.
 * - Never while a version is pinned.
 * - Never one that a guard speaks against, however good its log loss.
 * - Without audit samples (selection.auditFraction = 0) nothing speaks against a candidate: `not-worse` promotes it and
 *   says that it was not judged, `better` keeps the champion.
 */
export function decide(given: PromotionCase): Decision {
  const { policy, champion, championFailed, pin, bound, finite, guard } = given;
  const decision = (outcome: Decision['outcome'], reason: string): Decision => ({
    outcome,
    reason,
    sampleCount: bound.sampleCount,
    meanGain: finiteOrNull(bound.mean),
    lowerBound: finiteOrNull(bound.lower),
    upperBound: finiteOrNull(bound.upper),
  });
  if (!finite) return decision('kept', 'the candidate predicts something that is not a probability');
  if (policy === 'manual') return decision('manual', 'retrain.promote = manual: waits for `sluice snapshot promote`');
  if (pin !== undefined) return decision('manual', `${pin} is pinned: waits for \`sluice snapshot unpin\``);
  if (bound.sampleCount === 0)
    return policy === 'not-worse'
      ? decision('promoted', 'not judged: there are no audit samples')
      : decision('kept', 'not judged: there are no audit samples');
  if (guard !== undefined) return decision('kept', guard);
  if (champion === undefined)
    return bound.mean > 0
      ? decision(
          'promoted',
          championFailed === undefined
            ? 'first model, better than the base rate'
            : `better than the base rate, and the champion fails: ${championFailed}`,
        )
      : decision(
          'kept',
          `no better than the base rate: its log loss is ${(-bound.mean).toPrecision(2)} higher on ${bound.sampleCount} audit samples`,
        );
  if (bound.lower > 0) return decision('promoted', 'significantly better than the champion');
  if (bound.upper < 0) return decision('kept', 'significantly worse than the champion');
  return policy === 'not-worse'
    ? decision('promoted', 'not significantly worse than the champion')
    : decision('kept', 'not significantly better than the champion');
}

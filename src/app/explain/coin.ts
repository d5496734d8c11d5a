import type { KeepRule } from '../../config/learning-schema.js';
import type { Config } from '../../config/schema.js';
import { SCORERS } from '../../pipeline/score/scorers.js';
import type { TrainingSample } from '../../events/words.js';
import { sampleKeyOf } from '../../pipeline/join/sample-key.js';
import { Selector } from '../../pipeline/select/select.js';
import type { KeyOf } from '../../pipeline/state/keys.js';

/** The selection of a sample, as it can be worked out again. */
export interface CoinFacts {
  /** The number in [0,1) that the sample draws under the salt of the config. */
  readonly coin: number;
  /** coin < π; false on a training sample means that the salt was another one then. */
  readonly isBelow: boolean;
  /** μ at that moment, from π, importance and the config; null where it cannot be told. */
  readonly threshold: number | null;
  /** `at most`: π was at its top, so μ was no higher than this. */
  readonly thresholdIs: 'exactly' | 'at most' | 'unknown';
  /** Why it cannot be told. */
  readonly why: string | null;
}

/** Works out coin and threshold of a sample from the sample and the config, its selection as it was then. */
export function coinFacts(
  sample: TrainingSample,
  topic: 'training' | 'audit',
  config: Config,
  keyOf: KeyOf,
): CoinFacts {
  const coin = new Selector(config.selection, keyOf, null).coin(sampleKeyOf(sample, keyOf));
  return { coin, isBelow: coin < ownProbability(sample), ...thresholdOf(sample, topic, config) };
}

/** π of the coin: without the share of it that an earlier sampling of the log has in it. */
function ownProbability({ inclusionProbability, samplingRate }: TrainingSample): number {
  return inclusionProbability / (samplingRate ?? 1);
}

/** True when π stands at the floor or cap of a rule for this sample. */
function isBound(
  { label, surface, category, atLeast, atMost }: KeepRule,
  sample: TrainingSample,
  throttle: number,
): boolean {
  const isFor = (asked: unknown, own: unknown): boolean => asked === undefined || asked === own;
  if (!isFor(label, sample.label) || !isFor(surface, sample.surface) || !isFor(category, sample.category)) return false;
  return [atLeast, atMost].some(
    (bound) => bound !== undefined && Math.abs(bound * throttle - ownProbability(sample)) < 1e-9,
  );
}

function thresholdOf(
  sample: TrainingSample,
  topic: 'training' | 'audit',
  { selection, quality }: Config,
): Pick<CoinFacts, 'threshold' | 'thresholdIs' | 'why'> {
  const unknown = (why: string) => ({ threshold: null, thresholdIs: 'unknown', why }) as const;
  const { defensiveShare, budgets, keep, perSecond, throttle } = selection;
  if (topic === 'audit') return unknown('an audit sample is picked by another hash, whatever its importance');
  const importance = sample.importance / (sample.samplingRate ?? 1);
  const keepsBy = Object.entries(SCORERS).find(([name]) => name === sample.scorer)?.[1].keepsBy;
  if (keepsBy === 'budget') return unknown('nothing had scored it: every sample counted the same');
  if (keepsBy === 'cut') return { threshold: importance, thresholdIs: 'at most', why: null };
  const { atMost } = quality.contradicted;
  const isAtCap = atMost < 1 && Math.abs(atMost * throttle - ownProbability(sample)) < 1e-9;
  if (isAtCap && sample.flags.includes('contradicted'))
    return unknown('quality.contradicted.atMost capped its probability');
  if (keep.some((rule) => isBound(rule, sample, throttle)))
    return unknown('a rule of selection.keep decided its probability');
  if (perSecond > 0) return unknown('under selection.perSecond the budget of that moment is not recorded');
  const budget = budgets[sample.surface] ?? selection.budget;
  const above = ownProbability(sample) / throttle - defensiveShare * budget;
  const share = above / (1 - defensiveShare);
  if (share <= 0 || share > 1 + 1e-9)
    return unknown('π does not fit the budget and defensive share of the config: they were others then');
  if (share >= 1 - 1e-9) return { threshold: importance, thresholdIs: 'at most', why: null };
  return { threshold: importance / share, thresholdIs: 'exactly', why: null };
}

import { SURFACES, type TrainingSample } from '../events/words.js';

/** Why a row cannot be used; undefined when it can. The value is a metric label. */
export type Unusable = 'feature-set' | 'columns' | 'malformed';

/**
 * Checks a decoded row before it is held. Codecs do not check shapes and the topics are open to other producers, and one
 * weight that is no number would spoil every fit that the row is part of.
 */
export function unusable(sample: TrainingSample, featureSetId: string, columnCount: number): Unusable | undefined {
  if (sample.featureSetId !== featureSetId) return 'feature-set';
  if (sample.features?.length !== columnCount) return 'columns';
  const { sampleId, label, surface, eventTimeMs, importanceWeight, logOddsOffset } = sample;
  const wellFormed =
    typeof sampleId === 'string' &&
    (label === 0 || label === 1) &&
    SURFACES.includes(surface) &&
    Number.isFinite(eventTimeMs) &&
    Number.isFinite(importanceWeight) &&
    importanceWeight > 0 &&
    Number.isFinite(logOddsOffset);
  return wellFormed ? undefined : 'malformed';
}

import type { TrainingSample } from '../../src/events/words.js';

export const FEATURE_SET = 'features-test';

/** A whole training sample; `i` names it and gives it its second. */
export function sample(i: number, given: Partial<TrainingSample> = {}): TrainingSample {
  return {
    sampleId: `request-${i}#1`,
    requestId: `request-${i}`,
    surface: 'SEARCH',
    eventTimeMs: 1_700_000_000_000 + i * 1_000,
    closeTimeMs: 1_700_000_060_000 + i * 1_000,
    sessionPseudonym: 'ab',
    userPseudonym: null,
    pseudonymKeyId: 'k',
    itemId: `item-${i % 7}`,
    position: 1,
    category: null,
    label: 0,
    outcome: 'NONE',
    value: 0,
    propensity: null,
    features: [i],
    featureSetId: FEATURE_SET,
    embeddings: null,
    prediction: null,
    importance: 1,
    scorer: 'uniform',
    inclusionProbability: 1,
    importanceWeight: 1,
    logOddsOffset: 0,
    snapshotVersion: 'none',
    flags: [],
    selectionId: null,
    ...given,
  };
}

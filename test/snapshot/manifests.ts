import { notCalibrated } from '../../src/snapshot/calibration.js';
import { sealManifest, type SnapshotDraft } from '../../src/snapshot/pack.js';
import type { NewRecord, ReadRecord } from '../../src/ports/transport.js';
import type { SnapshotManifest } from '../../src/snapshot/manifest.js';

export const FEATURE_SET = 'features-test';

export function draft(given: Partial<SnapshotDraft> = {}): SnapshotDraft {
  return {
    createdAtMs: 1_700_000_000_000,
    featureSetId: FEATURE_SET,
    columns: ['one', 'two'],
    learner: 'boosting',
    memberCount: 1,
    trainedOn: { rows: 10, positives: 2, sumOfWeights: 100, seen: 100, untilOffsets: { training: [10], audit: [5] } },
    gain: [0.25, 0.75],
    fitMs: 12,
    calibration: notCalibrated('test'),
    metrics: { candidate: null, champion: null },
    parent: null,
    decision: {
      outcome: 'promoted',
      reason: 'test',
      sampleCount: 0,
      meanGain: null,
      lowerBound: null,
      upperBound: null,
    },
    ...given,
  };
}

/** A sealed manifest of some bytes, in small chunks. */
export function sealed(
  onnx: Uint8Array,
  sequence = 1,
  chunkBytes = 4,
  given: Partial<SnapshotDraft> = {},
): SnapshotManifest {
  return sealManifest(draft(given), onnx, sequence, chunkBytes);
}

export const pointTo = (version: string, previous: string | null = null) =>
  ({
    version,
    previous,
    line: previous === null ? [] : [previous],
    isPinned: false,
    changes: [],
    setAtMs: 1_700_000_000_000,
    by: 'learner',
  }) as const;

/** Records as a reader of the topic would bring them. */
export function asRead(records: readonly NewRecord[], fromOffset = 0): ReadRecord[] {
  return records.map(({ key, value, topic }, i) => ({
    topic,
    key,
    value,
    partition: 0,
    offset: fromOffset + i,
    timestampMs: 0,
    headers: {},
  }));
}

/** A "model file" that the test loader reads: `p` is the probability it gives every row. */
export function modelBytes(p: number | string, memberCount = 1): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ p, memberCount }));
}

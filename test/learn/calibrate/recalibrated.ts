import { logit, sigmoid } from '../../../src/learn/learners/intercept.js';
import { PROBABILITY_FLOOR } from '../../../src/learn/metrics/log-loss.js';
import type { Recalibration } from '../../../src/ports/trainer.js';

/** The probability of each row once the log-odds of its members are recalibrated, by the formula: what a calibrated file has to answer. */
export function recalibrated(
  members: Float32Array,
  memberCount: number,
  { slope, intercept }: Recalibration,
): Float32Array {
  const bent = (p: number): number =>
    sigmoid(slope * logit(Math.min(1 - PROBABILITY_FLOOR, Math.max(PROBABILITY_FLOOR, p))) + intercept);
  return Float32Array.from({ length: members.length / memberCount }, (_, row) => {
    const own = members.subarray(row * memberCount, (row + 1) * memberCount);
    return own.reduce((sum, p) => sum + bent(p), 0) / memberCount;
  });
}

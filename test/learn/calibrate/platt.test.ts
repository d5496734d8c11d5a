import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitPlatt, PRIOR_POSITIVES } from '../../../src/learn/calibrate/platt.js';
import { logit, sigmoid } from '../../../src/learn/learners/intercept.js';
import { seededRandom } from '../../../src/learn/learners/random.js';
import { auc } from '../../../src/learn/metrics/auc.js';
import { calibration, expectedCalibrationError } from '../../../src/learn/metrics/calibration.js';
import { logLosses, mean } from '../../../src/learn/metrics/log-loss.js';
import { recalibrated } from './recalibrated.js';

interface Rows {
  readonly members: Float32Array;
  readonly memberCount: number;
  readonly labels: Uint8Array;
}

/**
 * Rows of true log-odds around −3, their labels, and members that say slope · z + intercept of them, each with a noise of
 * its own that leaves the mean of several where it was.
 */
function rowsOf(rowCount: number, seed: number, { slope = 1, intercept = 0, memberCount = 1, noise = 0 } = {}): Rows {
  const random = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const members = new Float32Array(rowCount * memberCount);
  const labels = new Uint8Array(rowCount);
  for (let i = 0; i < rowCount; i++) {
    const z = -3 + 1.2 * normal();
    labels[i] = random() < sigmoid(z) ? 1 : 0;
    for (let k = 0; k < memberCount; k++)
      members[i * memberCount + k] = sigmoid(slope * z + intercept + noise * normal());
  }
  return { members, memberCount, labels };
}

const positivesOf = ({ labels }: Rows) => labels.reduce((sum, label) => sum + label, 0);
const means = ({ members, memberCount }: Rows) => recalibrated(members, memberCount, { slope: 1, intercept: 0 });

describe('a recalibration', () => {
  test.each([
    ['predicts half of the clicks', { slope: 1, intercept: -0.8 }],
    ['predicts seven times the clicks', { slope: 1, intercept: 2 }],
    ['is too sure', { slope: 1.8, intercept: 2.4 }],
    ['is not sure enough', { slope: 0.5, intercept: -1.5 }],
    ['is a committee whose members differ', { slope: 1, intercept: -0.8, memberCount: 7, noise: 0.7 }],
  ])('of a model that %s makes it right on rows it has not seen', (_, wrong) => {
    const [older, newer] = [rowsOf(40_000, 1, wrong), rowsOf(40_000, 2, wrong)];
    const after = recalibrated(newer.members, newer.memberCount, fitPlatt(older)!);
    const tolerance = 4 / Math.sqrt(positivesOf(newer)) + 0.05;
    expect(Math.abs(calibration(means(newer), newer.labels) - 1)).toBeGreaterThan(0.2);
    expect(Math.abs(calibration(after, newer.labels) - 1)).toBeLessThan(tolerance);
    const errorBefore = expectedCalibrationError(means(newer), newer.labels);
    expect(expectedCalibrationError(after, newer.labels)).toBeLessThan(errorBefore / 3);
    expect(mean(logLosses(after, newer.labels))).toBeLessThan(mean(logLosses(means(newer), newer.labels)));
  });

  test('of a model that is right leaves it alone within noise', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const rows = rowsOf(20_000, seed);
      const { slope, intercept } = fitPlatt(rows)!;
      const n = positivesOf(rows);
      // The prior shrinks the estimate: its error is √n / (n + prior), of slope and of mean log-odds; here four of them.
      const bound = (4 * Math.sqrt(n)) / (n + PRIOR_POSITIVES);
      expect(Math.abs(slope - 1)).toBeLessThan(bound);
      const shifted = mean(Float32Array.from(rows.members, (p) => (slope - 1) * logit(p) + intercept));
      expect(Math.abs(shifted)).toBeLessThan(2 * bound);
    }
  });

  test('of few positives changes little, of many as much as is wrong', () => {
    const shiftOf = (rowCount: number): number => {
      const rows = rowsOf(rowCount, 7, { intercept: -1 });
      const { slope, intercept } = fitPlatt(rows)!;
      return slope * -3 + intercept + 3;
    };
    const shifts = [150, 1_500, 15_000, 150_000].map(shiftOf);
    expect([...shifts].sort((a, b) => a - b)).toEqual(shifts);
    expect(shifts[0]).toBeLessThan(0.25);
    expect(shifts[3]).toBeGreaterThan(0.9);
    expect(shifts[3]).toBeLessThan(1.1);
  });

  test('keeps the ranking of a single model, so its AUC too', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.double({ min: 0.3, max: 3, noNaN: true }), (seed, slope) => {
        const rows = rowsOf(400, seed, { slope, intercept: slope - 1 });
        const line = fitPlatt(rows);
        fc.pre(line !== undefined);
        expect(line!.slope).toBeGreaterThan(0);
        const after = recalibrated(rows.members, 1, line!);
        expect(auc(after, rows.labels)).toBeCloseTo(auc(means(rows), rows.labels), 6);
      }),
    );
  });

  test('hardly moves the ranking of a committee', () => {
    for (const wrong of [{ intercept: 1.5 }, { slope: 0.6, intercept: -1.2 }]) {
      const rows = rowsOf(20_000, 3, { ...wrong, memberCount: 10, noise: 0.7 });
      const after = recalibrated(rows.members, 10, fitPlatt(rows)!);
      expect(Math.abs(auc(after, rows.labels) - auc(means(rows), rows.labels))).toBeLessThan(0.002);
    }
  });

  test('is the most probable line: none near it is more so', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), (seed) => {
        const rows = rowsOf(500, seed, { slope: 1.4, intercept: 0.5 });
        const line = fitPlatt(rows);
        fc.pre(line !== undefined);
        const z = Array.from(rows.members, logit);
        const spread = z.map((one) => sigmoid(one) * (1 - sigmoid(one)));
        const centre = z.reduce((sum, one, i) => sum + spread[i]! * one, 0) / spread.reduce((sum, one) => sum + one, 0);
        const loss = (shift: number, tilt: number): number => {
          const bent = recalibrated(rows.members, 1, { slope: 1 + tilt, intercept: shift - tilt * centre });
          const prior = (PRIOR_POSITIVES / 2) * (shift ** 2 + tilt ** 2);
          return logLosses(bent, rows.labels).reduce((sum, one) => sum + one, prior);
        };
        const tilt = line!.slope - 1;
        const shift = line!.intercept + tilt * centre;
        for (const [dShift, dTilt] of [
          [0.02, 0],
          [-0.02, 0],
          [0, 0.02],
          [0, -0.02],
          [0.02, 0.02],
        ] as const)
          expect(loss(shift + dShift, tilt + dTilt)).toBeGreaterThan(loss(shift, tilt));
      }),
      { numRuns: 30 },
    );
  });

  test('is none of one class, of what is no probability, or of a model that ranks the wrong way round', () => {
    const rows = rowsOf(20_000, 4);
    expect(fitPlatt({ ...rows, labels: new Uint8Array(20_000) })).toBeUndefined();
    expect(fitPlatt({ ...rows, labels: new Uint8Array(20_000).fill(1) })).toBeUndefined();
    expect(fitPlatt({ ...rows, members: rows.members.map((p, i) => (i === 5 ? Number.NaN : p)) })).toBeUndefined();
    expect(fitPlatt({ ...rows, members: rows.members.map((p) => 1 - p) })).toBeUndefined();
  });

  test('survives predictions of exactly 0 and 1', () => {
    const rows = rowsOf(5_000, 5);
    const members = rows.members.map((p, i) => (i % 50 === 0 ? rows.labels[i]! : p));
    const line = fitPlatt({ ...rows, members })!;
    expect(recalibrated(members, 1, line).every((p) => p >= 0 && p <= 1)).toBe(true);
  });
});

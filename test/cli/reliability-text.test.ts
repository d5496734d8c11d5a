import { describe, expect, it } from 'vitest';
import { calibrationText, reliabilityText } from '../../src/cli/reliability-text.js';
import { notCalibrated } from '../../src/snapshot/calibration.js';

describe('a reliability diagram in a terminal', () => {
  it('puts o where it was predicted, x where it happened, * where both are', () => {
    const text = reliabilityText([
      { sampleCount: 500, meanPrediction: 0.001, positiveShare: 0.01 },
      { sampleCount: 500, meanPrediction: 0.1, positiveShare: 0.1 },
      { sampleCount: 500, meanPrediction: 0.05, positiveShare: 0 },
    ]);
    const [head, first, second, third] = text.split('\n');
    expect(head).toMatch(/^predicted +happened +samples +0\.1 % +10 %$/);
    expect(first).toMatch(/^0\.1 % +1 % +500 {2}o·+x·+$/);
    expect(second).toMatch(/^10 % +10 % +500 {2}·+\*$/);
    expect(third).toMatch(/^5 % +0 % +500 {2}x·+o·+$/);
    expect(reliabilityText([])).toBe('');
  });

  it('says what was done to the predictions, and that nothing was', () => {
    expect(calibrationText(null)).toBe('recalibration: not recorded\n');
    expect(calibrationText(notCalibrated('too few audit rows'))).toBe('recalibration: identity: too few audit rows\n');
    const figures = { logLoss: 0.1234, calibration: 1.5, expectedCalibrationError: null };
    const text = calibrationText({
      ...notCalibrated('lower log loss'),
      ...{ method: 'platt', slope: 0.9, intercept: -0.25, before: figures, after: { ...figures, calibration: 1 } },
    });
    expect(text).toContain('platt, log-odds × 0.9000 − 0.2500: lower log loss');
    expect(text).toMatch(/as fitted +0\.1234 +1\.5000 +-/);
    expect(text).toMatch(/recalibrated +0\.1234 +1\.0000 +-/);
  });
});

import { describe, expect, test } from 'vitest';
import { createCalibrationWatch } from '../../src/learn/calibration-watch.js';

describe('the calibration watch', () => {
  test('sees predictions alone, says nothing twice, and forgets what is older than its window', () => {
    const watch = createCalibrationWatch();
    expect(watch.error()).toBeUndefined();
    watch.observe({ prediction: null, label: 1, logOddsOffset: 0 });
    expect(watch.error()).toBeUndefined();
    for (let i = 0; i < 10_000; i++) watch.observe({ prediction: 0.5, label: 0, logOddsOffset: 0 });
    expect(watch.error()).toBeCloseTo(0.5, 6);
    expect(watch.error()).toBeUndefined();
    for (let i = 0; i < 10_000; i++) watch.observe({ prediction: 0.5, label: (i % 2) as 0 | 1, logOddsOffset: 0 });
    expect(watch.error()).toBeCloseTo(0, 6);
  });
});

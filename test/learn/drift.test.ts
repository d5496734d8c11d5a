import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/adapters/system/random.js';
import { NO_DRIFT, observeDrift } from '../../src/learn/drift.js';
import { createDriftWatch } from '../../src/learn/drift-watch.js';
import { logLossOf } from '../../src/learn/metrics/log-loss.js';

/** Log losses of a champion that says `predicted` where clicks come at `rate`. */
function losses(seed: number, count: number, predicted: number, rate: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => logLossOf(predicted, random() < rate ? 1 : 0));
}

function alarmAfter(values: readonly number[]): number | undefined {
  let state = NO_DRIFT;
  for (let i = 0; i < values.length; i++) {
    const next = observeDrift(state, values[i]!);
    if (next.alarm) return i + 1;
    state = next.state;
  }
  return undefined;
}

describe('the drift test', () => {
  test('is silent on a steady stream: ten streams of 100,000', () => {
    for (let seed = 1; seed <= 10; seed++) expect(alarmAfter(losses(seed, 100_000, 0.04, 0.04))).toBeUndefined();
  });

  test('raises the alarm within 5,000 samples of a click rate that trebled', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const at = alarmAfter([...losses(seed, 20_000, 0.04, 0.04), ...losses(seed + 100, 20_000, 0.04, 0.12)]);
      expect(at).toBeGreaterThan(20_000);
      expect(at).toBeLessThan(25_000);
    }
  });

  test('does not mind log loss that falls', () => {
    expect(alarmAfter([...losses(1, 20_000, 0.04, 0.12), ...losses(2, 20_000, 0.04, 0.04)])).toBeUndefined();
  });

  test('passes over what is no number', () => {
    expect(observeDrift(NO_DRIFT, Number.NaN)).toEqual({ state: NO_DRIFT, alarm: false });
  });
});

describe('the drift watch', () => {
  test('an alarm is about the snapshot that scored, until answered', () => {
    const watch = createDriftWatch();
    const random = seededRandom(3);
    let raised = false;
    for (let i = 0; i < 30_000 && !raised; i++) {
      const label = random() < (i < 5_000 ? 0.04 : 0.3) ? 1 : 0;
      raised = watch.observe({ prediction: 0.04, label, snapshotVersion: '000001-aaaaaa' });
      watch.observe({ prediction: 0.04, label: random() < 0.04 ? 1 : 0, snapshotVersion: '000002-bbbbbb' });
      watch.observe({ prediction: null, label, snapshotVersion: 'none' });
    }
    expect(raised).toBe(true);
    expect(['000001-aaaaaa', '000002-bbbbbb', 'none', undefined].map((version) => watch.raised(version))).toEqual([
      true,
      false,
      false,
      false,
    ]);
    watch.answer();
    expect(watch.raised('000001-aaaaaa')).toBe(false);
  });
});

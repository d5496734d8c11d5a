import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/adapters/system/random.js';
import { createAdwin } from '../../src/learn/adwin.js';

const SETTINGS = { delta: 0.002, everyCount: 32, minCount: 10, minSideCount: 5 };

/** Zeros and ones, each run with a rate of its own. */
function series(seed: number, ...runs: readonly (readonly [count: number, rate: number])[]): number[] {
  const random = seededRandom(seed);
  return runs.flatMap(([count, rate]) => Array.from({ length: count }, () => (random() < rate ? 1 : 0)));
}

describe('the adaptive window', () => {
  test('holds everything, and its mean, while nothing changes', () => {
    const values = series(1, [5_000, 0.3]);
    const adwin = createAdwin({ ...SETTINGS, delta: 1e-9 });
    expect(values.map((value) => adwin.observe(value)).filter(Boolean)).toEqual([]);
    expect(adwin.count).toBe(5_000);
    expect(adwin.mean).toBeCloseTo(values.reduce((a, b) => a + b) / 5_000, 12);
  });

  test('drops what is older than a change, and says which way it went', () => {
    for (const [before, after, direction] of [
      [0.2, 0.5, 'up'],
      [0.5, 0.2, 'down'],
    ] as const) {
      const adwin = createAdwin(SETTINGS);
      const said = series(2, [4_000, before], [4_000, after]).map((value) => adwin.observe(value));
      expect(said.slice(0, 4_000).filter(Boolean)).toEqual([]);
      expect(said.find(Boolean)).toBe(direction);
      expect(adwin.count).toBeLessThan(4_500);
      expect(adwin.mean).toBeCloseTo(after, 1);
    }
  });

  test('says nothing before it has looked at enough values, and passes over what is no number', () => {
    const adwin = createAdwin({ ...SETTINGS, minCount: 2_000 });
    expect(
      series(3, [500, 0.1], [1_500, 0.9])
        .map((value) => adwin.observe(value))
        .filter(Boolean),
    ).toEqual([]);
    expect(adwin.observe(Number.NaN)).toBeUndefined();
    expect(adwin.count).toBe(2_000);
  });
});

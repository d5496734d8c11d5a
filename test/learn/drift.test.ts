import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/adapters/system/random.js';
import { createDriftWatch, type Drift } from '../../src/learn/drift-watch.js';

/** What a watch says of a champion that predicts `predicted`, run by run of clicks at a rate. */
function watched(seed: number, predicted: number, ...runs: readonly (readonly [count: number, rate: number])[]) {
  const random = seededRandom(seed);
  const watch = createDriftWatch();
  const alarms: (Drift & { readonly at: number })[] = [];
  let at = 0;
  for (const [count, rate] of runs)
    for (let i = 0; i < count; i++, at++)
      for (const drift of watch.observe({
        prediction: predicted,
        label: random() < rate ? 1 : 0,
        logOddsOffset: 0,
        snapshotVersion: '000001-aaaaaa',
        surface: 'SEARCH',
      }))
        alarms.push({ ...drift, at });
  return alarms;
}

describe('drift', () => {
  test('is not seen on a steady stream: ten streams of 100,000, whatever the champion says', () => {
    for (let seed = 1; seed <= 10; seed++) expect(watched(seed, 0.02 + seed / 100, [100_000, 0.04])).toEqual([]);
  });

  test('is seen within 1,500 samples of a click rate that trebled', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const [first] = watched(seed, 0.04, [20_000, 0.04], [20_000, 0.12]);
      expect(first).toMatchObject({ direction: 'up' });
      expect(first!.at).toBeGreaterThan(20_000);
      expect(first!.at).toBeLessThan(21_500);
    }
  });

  test('is seen within 5,000 samples of a click rate that fell to a third', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const alarms = watched(seed, 0.04, [20_000, 0.04], [20_000, 0.04 / 3]);
      expect(alarms.find(({ signal }) => signal === 'residual')).toMatchObject({ direction: 'down' });
      expect(alarms[0]!.at).toBeGreaterThan(20_000);
      expect(alarms[0]!.at).toBeLessThan(25_000);
    }
  });

  test('of one surface is seen although the other one balances it', () => {
    const random = seededRandom(5);
    const watch = createDriftWatch();
    const even = { prediction: 0.06, logOddsOffset: 0, snapshotVersion: 'a' };
    const found = new Set<string>();
    for (let i = 0; i < 40_000; i++) {
      const surface = i % 2 === 0 ? 'SEARCH' : 'AD';
      const rate = i < 20_000 ? 0.06 : surface === 'SEARCH' ? 0.11 : 0.01;
      const label = random() < rate ? 1 : 0;
      for (const { signal, direction } of watch.observe({ ...even, label, surface }))
        if (signal === 'residual') found.add(`${surface} ${direction}`);
    }
    expect([...found].sort()).toEqual(['AD down', 'SEARCH up']);
  });
});

describe('the drift watch', () => {
  test('an alarm is about the snapshot that scored, until answered', () => {
    const watch = createDriftWatch();
    const random = seededRandom(3);
    const seen = { logOddsOffset: 0, prediction: 0.04, surface: 'SEARCH' } as const;
    let raised = false;
    for (let i = 0; i < 30_000 && !raised; i++) {
      const label = random() < (i < 5_000 ? 0.04 : 0.3) ? 1 : 0;
      raised = watch.observe({ ...seen, label, snapshotVersion: '000001-aaaaaa' }).length > 0;
      watch.observe({ ...seen, label: random() < 0.04 ? 1 : 0, snapshotVersion: '000002-bbbbbb' });
      watch.observe({ ...seen, prediction: null, label, snapshotVersion: 'none' });
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

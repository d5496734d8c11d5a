import { expect, it } from 'vitest';
import { JoinCheck } from '../../../src/app/dry-run/joins.js';
import { cleanInteraction, cleanList, T0 } from '../../pipeline/kit.js';

it('an interaction is after the window of its impression’s surface', () => {
  const check = new JoinCheck({ attributionWindowMs: 1_000, surfaceWindowsMs: { AD: 60_000 } });
  check.takeList(cleanList('search', T0, ['a']), 0);
  check.takeList(cleanList('ad', T0, ['a'], { surface: 'AD' }), 0);
  for (const requestId of ['search', 'ad'])
    for (const afterMs of [900, 50_000, 70_000])
      check.takeInteraction(cleanInteraction('CLICK', T0 + afterMs, 'a', { requestId }), 0);
  const counts = Object.fromEntries(check.counts.map(({ fate, interactions }) => [fate, interactions]));
  expect(counts).toEqual({ joined: 3, 'after-window': 3 });
});

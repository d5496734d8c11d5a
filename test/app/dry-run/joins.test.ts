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

it('what the join calls impossible finds no impression: another session, another item, before it was shown', () => {
  const check = new JoinCheck({ attributionWindowMs: 1_000, surfaceWindowsMs: {} });
  check.takeList(cleanList('r', T0, ['a', 'b'], { session: 's1', user: 'u1' }), 0);
  const click = (what: object, atMs = 900): void =>
    check.takeInteraction(cleanInteraction('CLICK', T0 + atMs, 'a', { requestId: 'r', session: 's1', ...what }), 0);
  click({ interactionId: 'own' });
  click({ interactionId: 'on another device', session: 's2', user: 'u1' });
  click({ interactionId: 'skewed clock' }, -4_000);
  click({ interactionId: 'stranger', session: 's2', user: 'u2' });
  click({ interactionId: 'early' }, -6_000);
  click({ interactionId: 'by id', impressionId: 'r#2' });
  expect(check.counts.map(({ fate, interactions, example }) => [fate, interactions, example])).toEqual([
    ['joined', 3, 'own'],
    ['item-not-in-list', 1, 'by id'],
    ['other-session', 1, 'stranger'],
    ['before-shown', 1, 'early'],
  ]);
});

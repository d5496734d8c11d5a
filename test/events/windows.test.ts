import { expect, it } from 'vitest';
import { longestWindowMs, shortestWindowMs, windowOn } from '../../src/events/windows.js';

it('windows are those of the surface, else that of all', () => {
  const windows = { attributionWindowMs: 30, surfaceWindowsMs: { AD: 100, SEARCH: 20 } };
  expect((['SEARCH', 'AD', 'RECOMMENDATION'] as const).map((surface) => windowOn(windows, surface))).toEqual([
    20, 100, 30,
  ]);
  expect([shortestWindowMs(windows), longestWindowMs(windows)]).toEqual([20, 100]);
  const one = { attributionWindowMs: 30 };
  expect([windowOn(one, 'AD'), shortestWindowMs(one), longestWindowMs(one)]).toEqual([30, 30, 30]);
  // What was opened before surfaces got their own still waits under that of all.
  const all = { attributionWindowMs: 30, surfaceWindowsMs: { SEARCH: 1, AD: 2, RECOMMENDATION: 3 } };
  expect([shortestWindowMs(all), longestWindowMs(all)]).toEqual([1, 30]);
});

import { describe, expect, it } from 'vitest';
import { watchSilence } from '../../src/stream/silence.js';
import { marbles } from './virtual-clock.js';

describe('watchSilence', () => {
  it('passes the source on, and tells at each look for how long it has been silent', () => {
    const looks: number[] = [];
    marbles(({ clock, cold, expectObservable }) => {
      const source$ = cold('                                             a---b------c|');
      expectObservable(source$.pipe(watchSilence(clock, 3, (ms) => looks.push(ms)))).toBe('a---b------c|');
    });
    expect(looks).toEqual([0, 3, 2, 5]);
  });

  it('ends with what the look throws', () => {
    marbles(({ clock, cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold('--a---------b|');
      const stuck = (silentMs: number): void => {
        if (silentMs > 5) throw new Error('stuck');
      };
      expectObservable(source$.pipe(watchSilence(clock, 3, stuck))).toBe('--a------#', { a: 'a' }, new Error('stuck'));
      expectSubscriptions(source$.subscriptions).toBe('^--------!');
    });
  });

  it('looks no more after the end of the source, whichever', () => {
    let looks = 0;
    marbles(({ clock, cold, expectObservable }) => {
      const counted = watchSilence<string>(clock, 2, () => void looks++);
      expectObservable(cold('-a|').pipe(counted)).toBe('-a|');
      expectObservable(cold('-a#').pipe(counted)).toBe('-a#');
    });
    expect(looks).toBeLessThanOrEqual(4);
  });
});

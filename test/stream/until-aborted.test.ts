import { describe, it } from 'vitest';
import { aborted, untilAborted } from '../../src/stream/until-aborted.js';
import { marbles } from './virtual-clock.js';

describe('untilAborted', () => {
  it('passes everything on until the abort, then completes and lets go of the source', () => {
    marbles(({ cold, at, expectObservable, expectSubscriptions }) => {
      const stop = new AbortController();
      at(5, () => stop.abort());
      const source$ = cold(' --a--b--c|');
      expectObservable(source$.pipe(untilAborted(stop.signal))).toBe('--a--|');
      expectSubscriptions(source$.subscriptions).toBe('^----!');
    });
  });

  it('does not begin under a signal that has aborted', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold('a|');
      expectObservable(source$.pipe(untilAborted(AbortSignal.abort()))).toBe('|');
      expectSubscriptions(source$.subscriptions).toBe([]);
    });
  });

  it('passes on the end of a source that ends first', () => {
    marbles(({ cold, expectObservable }) => {
      const { signal } = new AbortController();
      expectObservable(cold('-a|').pipe(untilAborted(signal))).toBe('-a|');
      expectObservable(cold('-a#').pipe(untilAborted(signal))).toBe('-a#');
    });
  });
});

describe('aborted', () => {
  it('emits once, whether the abort is past or to come', () => {
    marbles(({ at, expectObservable }) => {
      const stop = new AbortController();
      at(3, () => stop.abort());
      expectObservable(aborted(stop.signal)).toBe('---(u|)', { u: undefined });
      expectObservable(aborted(AbortSignal.abort())).toBe('(u|)', { u: undefined });
    });
  });
});

import { describe, it } from 'vitest';
import { within } from '../../src/stream/within.js';
import { marbles } from './virtual-clock.js';

const answer = { y: true, n: false };

describe('within', () => {
  it('says true as soon as the work is done', () => {
    marbles(({ clock, cold, expectObservable }) => {
      expectObservable(within(clock, 5, cold('-a-|'))).toBe('---(y|)', answer);
    });
  });

  it('says false when the time is up, and lets go of the work', () => {
    marbles(({ clock, cold, expectObservable, expectSubscriptions }) => {
      const work$ = cold('-a---------|');
      expectObservable(within(clock, 5, work$)).toBe('-----(n|)', answer);
      expectSubscriptions(work$.subscriptions).toBe('^----!');
    });
  });

  it('passes on an error that comes in time, and not one that comes later', () => {
    marbles(({ clock, cold, expectObservable }) => {
      expectObservable(within(clock, 5, cold('--#'))).toBe('--#');
      expectObservable(within(clock, 5, cold('-------#'))).toBe('-----(n|)', answer);
    });
  });
});

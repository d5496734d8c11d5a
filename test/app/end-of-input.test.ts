import { describe, it } from 'vitest';
import { endOfInput } from '../../src/app/end-of-input.js';
import type { Holding } from '../../src/app/held.js';
import { marbles } from '../stream/virtual-clock.js';

/** What a run holds and has finished, by letter. */
const holding = (held: number[], finished: number[]): Holding => ({ held: new Set(held), finished: new Set(finished) });
const account = {
  n: holding([], []),
  a: holding([0], []),
  b: holding([], [0]),
  c: holding([1], [0]),
  d: holding([], [0, 1]),
};

describe('the end of the input', () => {
  it('is there as soon as all partitions are finished', () => {
    marbles(({ cold, clock, expectObservable }) => {
      expectObservable(endOfInput(cold('n-a-b-c-d', account), 2, clock)).toBe('--------(u|)', { u: undefined });
    });
  });

  it('is there when the group brings no other partition for a while after one was finished', () => {
    marbles(({ cold, clock, expectObservable }) => {
      expectObservable(endOfInput(cold('n-a-b', account), 2, clock)).toBe('---- 2s (u|)', { u: undefined });
    });
  });

  it('is not there before anything was finished, nor while a partition is held', () => {
    marbles(({ cold, clock, expectObservable }) => {
      expectObservable(endOfInput(cold('n-a-n 10s n', account), 2, clock)).toBe('');
      expectObservable(endOfInput(cold('n-a-b 1s c 10s c', account), 2, clock)).toBe('');
    });
  });
});

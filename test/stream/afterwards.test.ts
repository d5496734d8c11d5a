import { describe, expect, it } from 'vitest';
import { afterwards } from '../../src/stream/afterwards.js';
import { marbles } from './virtual-clock.js';

describe('afterwards', () => {
  it('holds the end of the source, either one, until the work is done', () => {
    marbles(({ cold, expectObservable }) => {
      const work = () => cold('---x|');
      expectObservable(cold('-a|').pipe(afterwards(work))).toBe('-a----|');
      expectObservable(cold('-a#').pipe(afterwards(work))).toBe('-a----#');
    });
  });

  it('does the work once', () => {
    marbles(({ cold, expectObservable, flush }) => {
      let times = 0;
      const work = () => {
        times++;
        return cold('-|');
      };
      expectObservable(cold('-#').pipe(afterwards(work)));
      expectObservable(cold('-|').pipe(afterwards(work)));
      flush();
      expect(times).toBe(2);
    });
  });

  it('work that fails takes the place of the end', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('-a|').pipe(afterwards(() => cold('-#', {}, 'work')))).toBe('-a-#', { a: 'a' }, 'work');
      expectObservable(cold('-#', {}, 'source').pipe(afterwards(() => cold('-#', {}, 'work')))).toBe('--#', {}, 'work');
    });
  });
});

import { catchError, EMPTY } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { polled } from '../../src/stream/polled.js';
import { marbles } from './virtual-clock.js';

describe('polled', () => {
  it('polls at once and then waits after each poll, however long it took', () => {
    marbles(({ clock, cold, expectObservable }) => {
      const { signal } = new AbortController();
      const polls = [cold('--a|'), cold('b|'), cold('---c---|')];
      const poll = () => polls.shift()!;
      expectObservable(polled(clock, 5, signal, poll), '^-----------------!').toBe('--a-----b--------c');
    });
  });

  it('the abort cuts a wait short and completes', () => {
    marbles(({ clock, cold, at, expectObservable }) => {
      const stop = new AbortController();
      at(7, () => stop.abort());
      expectObservable(polled(clock, 100, stop.signal, () => cold('--a|'))).toBe('--a----|');
    });
  });

  it('the abort lets a poll that is under way finish, and there is no other', () => {
    marbles(({ clock, cold, at, expectObservable }) => {
      const stop = new AbortController();
      at(2, () => stop.abort());
      expectObservable(polled(clock, 5, stop.signal, () => cold('-----a|'))).toBe('-----a|');
    });
  });

  it('nothing is polled under a signal that has aborted', () => {
    marbles(({ clock, expectObservable }) => {
      let polls = 0;
      expectObservable(polled(clock, 5, AbortSignal.abort(), () => [++polls])).toBe('|');
      expect(polls).toBe(0);
    });
  });

  it('a poll that fails ends it, unless the poll catches its own failures', () => {
    marbles(({ clock, cold, at, expectObservable }) => {
      const stop = new AbortController();
      at(12, () => stop.abort());
      expectObservable(polled(clock, 5, stop.signal, () => cold('-#'))).toBe('-#');
      const caught = () => cold('-a#').pipe(catchError(() => EMPTY));
      expectObservable(polled(clock, 5, stop.signal, caught)).toBe('-a------a---|');
    });
  });
});

import { NEVER, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { elapsed } from '../../src/stream/elapsed.js';
import { mergeDraining } from '../../src/stream/merge-draining.js';
import { type Helpers, marbles } from './virtual-clock.js';

/** Merges the streams that the marbles of the source name. */
function merging({ hot, clock }: Helpers, source: string, inner: Record<string, Observable<string>>, graceMs?: number) {
  const stop = new AbortController();
  const failures: unknown[] = [];
  const failed = (thrown: unknown): void => {
    failures.push(thrown);
    stop.abort();
  };
  const grace$ = graceMs === undefined ? NEVER : elapsed(clock, graceMs);
  const merged$ = hot(source).pipe(mergeDraining((name) => inner[name]!, { signal: stop.signal, grace$, failed }));
  return { merged$, stop, failures };
}

describe('mergeDraining', () => {
  it('merges as mergeMap does, and completes when source and inner streams have', () => {
    marbles((helpers) => {
      const inner = { a: helpers.cold('---1----2|'), b: helpers.cold('--3|') };
      const { merged$ } = merging(helpers, 'a-b|', inner);
      helpers.expectObservable(merged$).toBe('---13---2|');
    });
  });

  it('after the abort takes no more values and waits for the inner streams', () => {
    marbles((helpers) => {
      const inner = { a: helpers.cold('--1---2|'), b: helpers.cold('3|') };
      const { merged$, stop } = merging(helpers, 'a----b', inner);
      helpers.at(4, () => stop.abort());
      helpers.expectObservable(merged$).toBe('--1---2|');
    });
  });

  it('waits for them no longer than the grace', () => {
    marbles((helpers) => {
      const a = helpers.cold('--1-------2|');
      const { merged$, stop } = merging(helpers, 'a', { a }, 3);
      helpers.at(4, () => stop.abort());
      helpers.expectObservable(merged$).toBe('--1----|');
      helpers.expectSubscriptions(a.subscriptions).toBe('^------!');
    });
  });

  it('a failure of one is told at once, and the others drain', () => {
    marbles((helpers) => {
      const inner = { a: helpers.cold('--1---2|'), b: helpers.cold('--#', {}, 'b broke'), c: helpers.cold('4|') };
      const { merged$, failures } = merging(helpers, 'ab---c', inner);
      helpers.at(4, () => expect(failures).toEqual(['b broke']));
      helpers.expectObservable(merged$).toBe('--1---2|');
    });
  });

  it('a failure of the source is told at once, and the inner streams drain', () => {
    marbles((helpers) => {
      const { merged$, failures } = merging(helpers, 'a-#', { a: helpers.cold('--1---2|') });
      helpers.at(3, () => expect(failures).toEqual(['error']));
      helpers.expectObservable(merged$).toBe('--1---2|');
    });
  });
});

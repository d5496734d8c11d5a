import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CleanInteraction } from '../../../src/pipeline/admitted.js';
import { Pending } from '../../../src/pipeline/join/pending.js';
import type { Key } from '../../../src/pipeline/state/keys.js';

const keyOf = (text: string): Key => [...text].reduce((key, letter) => (key * 31 + letter.codePointAt(0)!) % 1e12, 7);
const click = (n: number, requestId: string): CleanInteraction => ({
  interactionId: `c${n}`,
  eventTimeMs: n,
  type: 'CLICK',
  session: 's',
  user: null,
  itemId: 'a',
  requestId,
  impressionId: null,
  value: 0,
  dwellMs: null,
});

afterEach(() => void vi.restoreAllMocks());

/** Elements that searches through arrays looked at, at the most. */
function countLooks(run: () => void): number {
  let looks = 0;
  for (const name of ['includes', 'indexOf', 'splice', 'filter', 'slice'] as const) {
    const original = Array.prototype[name] as (...args: unknown[]) => unknown;
    vi.spyOn(Array.prototype, name).mockImplementation(function (this: unknown[], ...args: unknown[]) {
      looks += this.length;
      return original.apply(this, args) as never;
    });
  }
  run();
  vi.restoreAllMocks();
  return looks;
}

describe('interactions that wait', () => {
  it('cost the same each, however many name one request that nobody has seen', () => {
    const count = 20_000;
    const pending = new Pending(keyOf, 10 * count);
    const looks = countLooks(() => {
      for (let n = 0; n < count; n++) pending.add(click(n, 'ghost'), n + 1_000);
      expect(pending.capture()).toHaveLength(count);
      for (let turnMs = 0; turnMs < count; turnMs += 10) pending.expire(turnMs);
      expect(pending.capture()).toHaveLength(1_001 + 9);
    });
    expect(looks).toBeLessThan(20 * count);
  });

  it('expire oldest first; the rest is found by request and item, in order of arrival', () => {
    const pending = new Pending(keyOf, 1_000);
    for (let n = 0; n < 100; n++) pending.add(click(n, n % 2 === 0 ? 'even' : 'odd'), n);
    expect(pending.expire(50).map(({ eventTimeMs }) => eventTimeMs)).toEqual(Array.from({ length: 50 }, (_, n) => n));
    const taken = pending.take('x', keyOf('even'), keyOf('a'));
    expect(taken.map(({ eventTimeMs }) => eventTimeMs)).toEqual(Array.from({ length: 25 }, (_, n) => 50 + 2 * n));
    expect([pending.size, pending.capture().length]).toEqual([25, 25]);
    expect(pending.expire(Infinity)).toHaveLength(25);
    expect(pending.size).toBe(0);
  });

  it('what a capture holds is what a restored one goes on with', () => {
    const pending = new Pending(keyOf, 1_000);
    for (let n = 0; n < 40; n++) pending.add(click(n, 'r'), n);
    pending.expire(20);
    const restored = new Pending(keyOf, 1_000);
    restored.restore(pending.capture());
    expect(restored.take('x', keyOf('r'), keyOf('a'))).toEqual(pending.take('x', keyOf('r'), keyOf('a')));
  });
});

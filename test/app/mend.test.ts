import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/adapters/memory/index.js';
import { Mending } from '../../src/app/mend.js';
import { SluiceError } from '../../src/errors.js';

const { signal } = new AbortController();
const transient = new SluiceError('encoder-failed', { why: 'out of memory' });

describe('mending a partition', () => {
  it('a transient failure is tried again five times, then thrown', async () => {
    const mending = new Mending(new ManualClock({ skipSleeps: true }));
    for (let restart = 1; restart <= 5; restart++) expect(await mending.again(transient, signal)).toBe(restart);
    await expect(mending.again(transient, signal)).rejects.toBe(transient);
  });

  it('is nearly spent from the third failure on, until a long life', async () => {
    const clock = new ManualClock({ skipSleeps: true });
    const mending = new Mending(clock);
    const seen: boolean[] = [];
    for (let restart = 1; restart <= 5; restart++) {
      seen.push(mending.isNearlySpent);
      await mending.again(transient, signal);
    }
    expect(seen).toEqual([false, false, true, true, true]);
    await clock.advance(600_000);
    expect(mending.isNearlySpent).toBe(false);
  });

  it('a long life forgives the failures before it', async () => {
    const clock = new ManualClock({ skipSleeps: true });
    const mending = new Mending(clock);
    for (let restart = 1; restart <= 5; restart++) await mending.again(transient, signal);
    await clock.advance(600_000);
    expect(await mending.again(transient, signal)).toBe(1);
  });

  it.each([
    new SluiceError('checkpoint-version', { checkpointId: 1, found: 9, expected: 1 }),
    new TypeError('x is not a function'),
  ])('what trying again cannot help is thrown at once: %s', async (thrown) => {
    await expect(new Mending(new ManualClock({ skipSleeps: true })).again(thrown, signal)).rejects.toBe(thrown);
  });

  it('what no table knows is tried again', async () => {
    expect(await new Mending(new ManualClock({ skipSleeps: true })).again(new Error('ECONNRESET'), signal)).toBe(1);
  });
});

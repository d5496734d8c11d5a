import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/adapters/memory/index.js';
import { elapsed } from '../../src/stream/elapsed.js';
import { marbles } from './virtual-clock.js';

describe('elapsed', () => {
  it('emits once when the time has passed, and completes', () => {
    marbles(({ clock, expectObservable }) => {
      expectObservable(elapsed(clock, 5)).toBe('-----(u|)', { u: undefined });
    });
  });

  it('leaves no sleep behind when unsubscribed from', async () => {
    const clock = new ManualClock();
    const waiting = elapsed(clock, 1_000).subscribe();
    expect(clock.sleeperCount).toBe(1);
    waiting.unsubscribe();
    expect(clock.sleeperCount).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../src/adapters/memory/index.js';
import { clockLaws } from '../../laws/clock-laws.js';

clockLaws('manual', () => {
  const clock = new ManualClock();
  return { clock, pass: (ms) => clock.advance(ms) };
});

describe('manual clock', () => {
  it('stands still until told to move', async () => {
    const clock = new ManualClock({ nowMs: 1_000 });
    let woke = false;
    void clock.sleep(1).then(() => (woke = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect([clock.nowMs(), woke, clock.sleeperCount]).toEqual([1_000, false, 1]);
  });

  it('an advance wakes sleepers that were put to sleep on its way', async () => {
    const clock = new ManualClock();
    const wokeAtMs: number[] = [];
    const loop = async () => {
      for (let i = 0; i < 3; i++) {
        await clock.sleep(10);
        wokeAtMs.push(clock.monotonicMs());
      }
    };
    void loop();
    await clock.advance(100);
    expect(wokeAtMs).toEqual([10, 20, 30]);
    expect(clock.monotonicMs()).toBe(100);
  });

  it('skipSleeps moves the time by each sleep', async () => {
    const clock = new ManualClock({ nowMs: 5_000, skipSleeps: true });
    expect(await clock.sleep(250)).toBe(true);
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([5_250, 250]);
  });
});

import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/ports/clock.js';

export interface ClockUnderTest {
  readonly clock: Clock;
  /** Lets this much of the clock's time pass: really waiting, or by moving a fake. */
  readonly pass: (ms: number) => Promise<void>;
}

/** What every {@link Clock} owes its callers. */
export function clockLaws(name: string, make: () => ClockUnderTest): void {
  describe(`clock laws: ${name}`, () => {
    it('a sleep resolves to true and not before its length has passed', async () => {
      const { clock, pass } = make();
      const startMs = clock.monotonicMs();
      const slept = clock.sleep(20);
      await pass(20);
      expect(await slept).toBe(true);
      // Node rounds timers to whole milliseconds.
      expect(clock.monotonicMs() - startMs).toBeGreaterThanOrEqual(19);
    });

    it('an abort ends a sleep with false, without waiting for its end', async () => {
      const { clock } = make();
      const abort = new AbortController();
      const slept = clock.sleep(3_600_000, abort.signal);
      abort.abort();
      expect(await slept).toBe(false);
    });

    it('a sleep under an aborted signal is over at once with false', async () => {
      const { clock } = make();
      expect(await clock.sleep(3_600_000, AbortSignal.abort())).toBe(false);
    });

    it('an abort after the end changes nothing', async () => {
      const { clock, pass } = make();
      const abort = new AbortController();
      const slept = clock.sleep(1, abort.signal);
      await pass(5);
      expect(await slept).toBe(true);
      abort.abort();
      expect(await slept).toBe(true);
    });

    it('sleeps end in the order of their times', async () => {
      const { clock, pass } = make();
      const ended: string[] = [];
      const all = [
        clock.sleep(60).then(() => ended.push('late')),
        clock.sleep(5).then(() => ended.push('early')),
        clock.sleep(0).then(() => ended.push('now')),
      ];
      await pass(60);
      await Promise.all(all);
      expect(ended).toEqual(['now', 'early', 'late']);
    });

    it('monotonic time never goes back', async () => {
      const { clock, pass } = make();
      let lastMs = clock.monotonicMs();
      for (let i = 0; i < 5; i++) {
        await pass(2);
        expect(clock.monotonicMs()).toBeGreaterThanOrEqual(lastMs);
        lastMs = clock.monotonicMs();
      }
    });

    it('wall time is in epoch milliseconds', () => {
      const { clock } = make();
      expect(clock.nowMs()).toBeGreaterThan(Date.UTC(2000, 0));
      expect(clock.nowMs()).toBeLessThan(Date.UTC(2200, 0));
    });
  });
}

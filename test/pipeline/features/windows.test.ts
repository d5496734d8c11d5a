import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StateColumn } from '../../../src/pipeline/features/state-column.js';
import { SlidingWindow } from '../../../src/pipeline/features/windows.js';
import { T0 } from '../kit.js';

const WINDOW_MS = 60_000;

/** Counts times into one entry and estimates the count of the last window. */
class Counted {
  private readonly window = new SlidingWindow(columnOf(), columnOf(), columnOf(), WINDOW_MS);

  add(atMs: number): void {
    this.window.add(0, atMs);
  }

  estimate(nowMs: number): number {
    return this.window.estimate(0, nowMs);
  }
}

function columnOf(): StateColumn {
  const column = new StateColumn('window');
  column.values = new Float64Array(1);
  return column;
}

describe('the sliding window estimate', () => {
  it('of a steady rate is the count of the last window, within one event of each edge', () => {
    fc.assert(
      fc.property(fc.integer({ min: 50, max: 5_000 }), fc.integer({ min: 0, max: WINDOW_MS }), (stepMs, fromMs) => {
        const counted = new Counted();
        let atMs = T0 + fromMs;
        for (; atMs < T0 + 4 * WINDOW_MS; atMs += stepMs) counted.add(atMs);
        expect(Math.abs(counted.estimate(atMs) - WINDOW_MS / stepMs)).toBeLessThanOrEqual(2);
      }),
      { numRuns: 60 },
    );
  });

  it('lies between the current tumbling window and both together, and is 0 after two silent windows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 0, max: 3 * WINDOW_MS }),
        (gaps, laterMs) => {
          const counted = new Counted();
          const times: number[] = [];
          let atMs = T0;
          for (const gapMs of gaps) times.push((atMs += gapMs));
          for (const timeMs of times) counted.add(timeMs);
          const nowMs = atMs + laterMs;
          const start = nowMs - (nowMs % WINDOW_MS);
          const current = times.filter((timeMs) => timeMs >= start).length;
          const previous = times.filter((timeMs) => timeMs >= start - WINDOW_MS && timeMs < start).length;
          expect(counted.estimate(nowMs)).toBeCloseTo(current + (1 - (nowMs - start) / WINDOW_MS) * previous, 9);
          if (laterMs >= 2 * WINDOW_MS) expect(counted.estimate(nowMs)).toBe(0);
        },
      ),
    );
  });
});

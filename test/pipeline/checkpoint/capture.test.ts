import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CapturedColumns } from '../../../src/pipeline/state/captured.js';
import { KeyTable } from '../../../src/pipeline/state/key-table.js';
import { RecentKeys } from '../../../src/pipeline/state/recent-keys.js';

const WINDOW_MS = 1_000;

/** What may happen to a table while it is captured. */
const steps = fc.array(
  fc.record({
    key: fc.integer({ min: 1, max: 4_000 }),
    by: fc.integer({ min: 1, max: 9 }),
    copyBytes: fc.constantFrom(0, 0, 0, 1, 30_000),
  }),
  { maxLength: 1_500 },
);

const whole = (columns: CapturedColumns): Record<string, number[]> =>
  Object.fromEntries(
    Object.entries(columns).map(([name, values]) => [
      name,
      ArrayBuffer.isView(values) ? Array.from(values) : values.flatMap((part) => Array.from(part)),
    ]),
  );

describe('a capture', () => {
  it('of a table is the table as it was when it began, whatever is changed, added, grown or evicted before it is done', () => {
    fc.assert(
      fc.property(steps, steps, fc.integer({ min: 100, max: 6_000 }), (before, after, maxEntries) => {
        const table = new KeyTable(['touchedMs', 'sum'], 'touchedMs', maxEntries);
        let nowMs = 0;
        const change = (key: number, by: number): void => {
          table.reserve(1);
          const entry = table.findOrAdd(key);
          table.column('touchedMs')[entry] = ++nowMs;
          table.column('sum')[entry]! += by;
        };
        for (const { key, by } of before) change(key, by);
        const expected = whole(table.capture());
        const capture = table.beginCapture();
        for (const { key, by, copyBytes } of after) {
          if (copyBytes > 0) capture.copyOn(copyBytes);
          change(key, by);
          const found = table.find(key + 1);
          if (found >= 0) table.column('sum')[found]! -= by;
        }
        capture.copyOn(Infinity);
        expect(capture.isDone).toBe(true);
        expect(whole(capture.columns)).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });

  it('of remembered keys is what they were when it began, whatever is added before it is done', () => {
    fc.assert(
      fc.property(steps, steps, fc.integer({ min: 8, max: 3_000 }), (before, after, maxEntries) => {
        const seen = new RecentKeys(WINDOW_MS, maxEntries);
        let nowMs = 0;
        for (const { key, by } of before) seen.add(key, (nowMs += by));
        const expected = whole(seen.capture());
        const { columns, copying } = seen.beginCapture();
        for (const { key, by, copyBytes } of after) {
          if (copyBytes > 0) copying.copyOn(copyBytes);
          seen.add(key, (nowMs += by));
        }
        copying.copyOn(Infinity);
        expect(whole(columns)).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });
});

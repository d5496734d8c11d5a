import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyTable } from '../../../src/pipeline/state/key-table.js';

type Table = KeyTable<'touchedMs' | 'count'>;
const tableOf = (maxEntries: number): Table => new KeyTable(['touchedMs', 'count'], 'touchedMs', maxEntries);

/** Counts one more of a key at a time, as the counters do. */
function count(table: Table, key: number, timeMs: number): void {
  table.reserve(1);
  const entry = table.findOrAdd(key);
  table.column('touchedMs')[entry] = timeMs;
  table.column('count')[entry]! += 1;
}

const contentsOf = (table: Table): Map<number, { timeMs: number; count: number }> => {
  const { keys, touchedMs, count } = table.capture();
  return new Map(Array.from(keys!, (key, i) => [key, { timeMs: touchedMs![i]!, count: count![i]! }]));
};

/** Keys that share low and high halves, so that many fall into one slot. */
const key = fc.oneof(
  fc.integer({ min: 1, max: 40 }),
  fc.integer({ min: 1, max: 40 }).map((n) => n * 4_294_967_296),
  fc.integer({ min: 1, max: 2 ** 53 - 1 }),
);

describe('a key table', () => {
  it('is a map, as long as it is not full, however it grows', () => {
    fc.assert(
      fc.property(fc.array(key, { maxLength: 3_000, size: 'max' }), (keys) => {
        const table = tableOf(1_000_000);
        const model = new Map<number, { timeMs: number; count: number }>();
        keys.forEach((key, timeMs) => {
          count(table, key, timeMs);
          model.set(key, { timeMs, count: (model.get(key)?.count ?? 0) + 1 });
        });
        expect(contentsOf(table)).toEqual(model);
        for (const key of keys) expect(table.find(key)).toBeGreaterThanOrEqual(0);
        expect(table.find(2 ** 53)).toBe(-1);
        expect(table.size).toBe(model.size);
      }),
      { numRuns: 40 },
    );
  });

  it('says what making room would drop, and drops nothing by that', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(5, 20, 300),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 400 }), fc.nat(2)), {
          minLength: 300,
          maxLength: 700,
          size: 'max',
        }),
        fc.integer({ min: 1, max: 12 }),
        (maxEntries, touches, more) => {
          const table = tableOf(maxEntries);
          let nowMs = 1;
          for (const [key, laterMs] of touches) count(table, key, (nowMs += laterMs));
          const before = table.capture();
          const isDropped = table.droppedBy(more);
          const dropped = [...contentsOf(table).keys()].filter(isDropped);
          expect(table.capture()).toEqual(before);
          const kept = [...contentsOf(table).keys()].filter((key) => !dropped.includes(key));
          table.reserve(more);
          expect([...contentsOf(table).keys()].sort()).toEqual(kept.sort());
        },
      ),
      { numRuns: 25 },
    );
  });

  it('never holds more than its bound, and drops only what was touched no later than all it keeps', () => {
    const touch = fc.record({
      key: fc.integer({ min: 1, max: 60 }),
      laterMs: fc.nat(2),
      more: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 4, max: 30 }),
        fc.array(touch, { maxLength: 200, size: 'max' }),
        (maxEntries, touches) => {
          const table = tableOf(maxEntries);
          let nowMs = 1;
          for (const { key, laterMs, more } of touches) {
            nowMs += laterMs;
            const before = contentsOf(table);
            table.reserve(more);
            const after = contentsOf(table);
            const kept = [...after.values()].map(({ timeMs }) => timeMs);
            const dropped = [...before].filter(([key]) => !after.has(key)).map(([, { timeMs }]) => timeMs);
            expect(Math.max(...dropped)).toBeLessThanOrEqual(Math.min(...kept));
            for (const [key, value] of after) expect(value).toEqual(before.get(key));
            expect(after.size).toBe(Math.min(before.size, maxEntries - more));
            count(table, key, nowMs);
            expect(table.size).toBeLessThanOrEqual(maxEntries);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('full, goes on holding what was touched last, to within a sixty-fourth, and finds all it holds', () => {
    const touches = fc.array(fc.tuple(key, fc.nat(2)), { minLength: 1_000, maxLength: 3_000, size: 'max' });
    fc.assert(
      fc.property(fc.integer({ min: 64, max: 400 }), touches, (maxEntries, touches) => {
        const table = tableOf(maxEntries);
        const model = new Map<number, number>();
        let nowMs = 1;
        for (const [key, laterMs] of touches) {
          count(table, key, (nowMs += laterMs));
          model.set(key, nowMs);
        }
        const contents = contentsOf(table);
        // One less where room was made for a key that was there.
        expect(contents.size).toBeGreaterThanOrEqual(Math.min(model.size, maxEntries - 1));
        for (const [key, { timeMs }] of contents)
          expect([table.find(key) >= 0, timeMs]).toEqual([true, model.get(key)]);
        const newest = [...model.values()].sort((a, b) => b - a);
        const surelyHeldMs = newest[maxEntries - Math.ceil(maxEntries / 64) - 1] ?? -1;
        for (const [key, timeMs] of model) if (timeMs > surelyHeldMs) expect(contents.has(key)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('captured page by page while entries are dropped, is what it was at that moment', () => {
    const table = tableOf(2_000);
    for (let key = 1; key <= 2_000; key++) count(table, key, key);
    for (let key = 2_001; key <= 2_010; key++) count(table, key, key);
    const expected = table.capture();
    const capture = table.beginCapture();
    for (let key = 3_001; key <= 4_500; key++) {
      count(table, key, key);
      if (key % 100 === 0) capture.copyOn(4_000);
    }
    capture.copyOn(Infinity);
    const whole = Object.fromEntries(
      Object.entries(capture.columns).map(([name, parts]) => [
        name,
        Float64Array.from(parts.flatMap((part) => [...part])),
      ]),
    );
    expect(whole).toEqual(expected);
  });

  it('gives an evicted key zeros when it comes back', () => {
    const table = tableOf(4);
    for (let key = 1; key <= 9; key++) count(table, key, key);
    expect(table.find(1)).toBe(-1);
    table.reserve(1);
    const entry = table.findOrAdd(1);
    expect([table.column('touchedMs')[entry], table.column('count')[entry]]).toEqual([0, 0]);
  });

  it('goes on alike after capture and restore, into an empty table or a used one', () => {
    const touches = fc.array(fc.tuple(key, fc.nat(2)), { maxLength: 150, size: 'max' });
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 60 }), touches, touches, touches, (maxEntries, before, after, other) => {
        const play = (table: Table, touches: readonly (readonly [number, number])[], fromMs: number) => {
          let nowMs = fromMs;
          for (const [key, laterMs] of touches) count(table, key, (nowMs += laterMs));
        };
        const first = tableOf(maxEntries);
        play(first, before, 1);
        const second = tableOf(maxEntries);
        play(second, other, 1);
        second.restore(structuredClone(first.capture()));
        expect(second.capture()).toEqual(first.capture());
        for (const table of [first, second]) play(table, after, 1_000);
        expect(second.capture()).toEqual(first.capture());
      }),
      { numRuns: 200 },
    );
  });

  it('reads a column that a capture lacks as zeros', () => {
    const table = tableOf(10);
    count(table, 5, 7);
    table.restore({ keys: Float64Array.of(8), touchedMs: Float64Array.of(3) });
    expect(contentsOf(table)).toEqual(new Map([[8, { timeMs: 3, count: 0 }]]));
  });
});

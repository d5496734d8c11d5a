import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate, copyRows, enlarged, gathered, rowsBetween, type Bundle } from '../../src/bundle/bundle.js';
import { OPEN, OPEN_STORED_AS } from '../../src/bundle/sample.js';

const LAYOUT = {
  keys: 'f64',
  weights: 'f32',
  draws: 'u32',
  ranks: 'i8',
  labels: 'u8',
  names: 'text',
  rows: { perFeature: 'f32' },
} as const;
const COLUMNS = 3;
type Rows = Bundle<typeof LAYOUT>;

/** Row i says i in every column. */
function numbered(rowCount: number): Rows {
  const bundle = allocate(LAYOUT, rowCount, COLUMNS);
  for (let i = 0; i < rowCount; i++) {
    bundle.keys[i] = bundle.weights[i] = bundle.draws[i] = bundle.ranks[i] = bundle.labels[i] = i;
    bundle.names[i] = `n${i}`;
    bundle.rows.fill(i, i * COLUMNS, (i + 1) * COLUMNS);
  }
  return bundle;
}

/** What each row says, where all its columns say the same. */
function told({ keys, weights, draws, ranks, labels, names, rows }: Rows, rowCount: number): number[] {
  return Array.from({ length: rowCount }, (_, i) => {
    const own = [
      keys[i],
      weights[i],
      draws[i],
      ranks[i],
      labels[i],
      Number(names[i]?.slice(1)),
      ...rows.subarray(i * COLUMNS, (i + 1) * COLUMNS),
    ];
    expect(new Set(own).size).toBe(1);
    return own[0]!;
  });
}

const size = fc.integer({ min: 0, max: 100 });
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('a bundle of columns', () => {
  it('keeps every row whole when it grows', () => {
    fc.assert(
      fc.property(size, size, (count, more) => {
        const larger = enlarged(LAYOUT, numbered(count), count + more);
        expect(larger.rowCount).toBe(count + more);
        expect(told(larger, count)).toEqual(upTo(count));
      }),
    );
  });

  it('gathers rows whole, in the order asked for, as copies', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 99 })), (wanted) => {
        const all = numbered(100);
        const some = gathered(LAYOUT, all, wanted);
        expect(told(some, wanted.length)).toEqual(wanted);
        some.keys.fill(-1);
        expect(told(all, 100)).toEqual(upTo(100));
      }),
    );
  });

  it('cuts rows out whole, and the numbers are views', () => {
    fc.assert(
      fc.property(size, size, (a, b) => {
        const all = numbered(100);
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const part = rowsBetween(LAYOUT, all, from, to);
        expect(told(part, to - from)).toEqual(upTo(100).slice(from, to));
        expect(part.rows.buffer).toBe(all.rows.buffer);
      }),
    );
  });

  it('copies rows whole to another place, and leaves the others', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 50 }),
        fc.integer({ min: 0, max: 50 }),
        fc.integer({ min: 0, max: 50 }),
        (from, to, count) => {
          const into = numbered(100);
          copyRows(LAYOUT, numbered(100), from, into, to, count, COLUMNS);
          const expected = upTo(100).map((i) => (i >= to && i < to + count ? i - to + from : i));
          expect(told(into, 100)).toEqual(expected);
        },
      ),
    );
  });

  it('is stored, as open impressions, under names and types that checkpoints of before have', () => {
    const stored = Object.fromEntries(
      Object.entries(OPEN_STORED_AS).map(([column, name]) => [name, OPEN[column as keyof typeof OPEN]]),
    );
    expect(stored).toEqual({
      timeMs: 'f64',
      impressionKey: 'f64',
      itemKey: 'f64',
      value: 'f64',
      rank: 'i8',
      reachedGoal: 'u8',
      flags: 'u8',
      listSequence: 'f64',
    });
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binRows, boundsOf } from '../../../src/learn/learners/bins.js';

const value = fc.oneof(fc.float(), fc.integer({ min: -3, max: 3 }), fc.constantFrom(NaN, Infinity, -Infinity, 0, -0));
const column = fc.array(value, { minLength: 1, maxLength: 400 }).map((values) => Float32Array.from(values));

describe('bins', () => {
  it('a value below a bound has a code up to the bound’s, any other a larger one', () => {
    fc.assert(
      fc.property(column, fc.integer({ min: 2, max: 20 }), (rows, maxBins) => {
        const { codes, bounds } = binRows({ rows, rowCount: rows.length, columnCount: 1 }, maxBins);
        rows.forEach((x, i) => {
          if (Number.isNaN(x)) expect(codes[i]).toBe(bounds[0]!.length + 1);
          else bounds[0]!.forEach((bound, b) => expect(codes[i]! <= b).toBe(x < bound));
        });
      }),
    );
  });

  it('there are never more bins than asked for, bounds ascend and are finite', () => {
    fc.assert(
      fc.property(column, fc.integer({ min: 2, max: 255 }), (values, maxBins) => {
        const bounds = boundsOf(values, maxBins);
        expect(bounds.length).toBeLessThan(maxBins);
        bounds.forEach((bound, i) => {
          expect(Number.isFinite(bound)).toBe(true);
          if (i > 0) expect(bound).toBeGreaterThan(bounds[i - 1]!);
        });
      }),
    );
  });

  it('a column of few values gets a bin for each', () => {
    expect(boundsOf(Float32Array.of(3, 1, 1, 2, 3, NaN), 255)).toEqual(Float32Array.of(1.5, 2.5));
    expect(boundsOf(Float32Array.of(5, 5), 255)).toHaveLength(0);
    expect(boundsOf(Float32Array.of(NaN, NaN), 255)).toHaveLength(0);
  });

  it('many values are cut into bins of about equal count, and a heavy value keeps its own', () => {
    const values = Float32Array.from({ length: 10_000 }, (_, i) => (i < 4_000 ? 0 : i));
    const bounds = boundsOf(values, 21);
    const counts = new Array<number>(bounds.length + 1).fill(0);
    for (const x of values) counts[bounds.filter((bound) => bound <= x).length]!++;
    expect(counts[0]).toBe(4_000);
    for (const count of counts.slice(1)) expect(count).toBeGreaterThan(250);
    for (const count of counts.slice(1)) expect(count).toBeLessThan(350);
  });

  it('columns are binned one by one, column-major', () => {
    const { codes, bounds } = binRows({ rows: Float32Array.of(1, 10, 2, NaN, 1, 20), rowCount: 3, columnCount: 2 });
    expect(bounds).toEqual([Float32Array.of(1.5), Float32Array.of(15)]);
    expect(Array.from(codes)).toEqual([0, 1, 0, 0, 2, 1]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binRows } from '../../../src/learn/learners/bins.js';
import { bestSplit, type Split } from '../../../src/learn/learners/boosting/best-split.js';
import { binStarts, fillHistogram, LANES, subtractHistogram } from '../../../src/learn/learners/boosting/histogram.js';
import { complement, drawSorted, partRows } from '../../../src/learn/learners/boosting/row-parts.js';
import { seededRandom } from '../../../src/learn/learners/random.js';

const cell = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constant(NaN));
const problem = fc.record({
  rows: fc.array(
    fc.tuple(cell, cell, fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: 0.01, max: 1, noNaN: true })),
    { minLength: 1, maxLength: 60 },
  ),
  l2: fc.double({ min: 0, max: 5, noNaN: true }),
  minChildRows: fc.integer({ min: 1, max: 5 }),
});

function prepared(given: readonly (readonly [number, number, number, number])[]) {
  const rows = Float32Array.from(given.flatMap(([a, b]) => [a, b]));
  const bins = binRows({ rows, rowCount: given.length, columnCount: 2 });
  const starts = binStarts(bins);
  const gradient = Float64Array.from(given, ([, , g]) => g);
  const hessian = Float64Array.from(given, ([, , , h]) => h);
  const index = Int32Array.from(given.keys());
  const histogram = new Float64Array(starts[2]! * LANES);
  fillHistogram(histogram, bins, starts, Int32Array.of(0, 1), index, 0, given.length, { gradient, hessian });
  const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
  return {
    bins,
    starts,
    gradient,
    hessian,
    histogram,
    index,
    leaf: { gradient: sum(gradient), hessian: sum(hessian), rowCount: given.length },
  };
}

describe('the best split of a leaf', () => {
  it('gains what the best of all splits and directions gains, found by trying them on the rows', () => {
    fc.assert(
      fc.property(problem, ({ rows, l2, minChildRows }) => {
        const { bins, starts, gradient, hessian, histogram, leaf } = prepared(rows);
        const limits = { l2, minChildRows, minChildHessian: 1e-3 };
        const found = bestSplit(histogram, bins, starts, Int32Array.of(0, 1), leaf, limits);
        let best = 0;
        for (let column = 0; column < 2; column++)
          for (let code = -1; code < bins.bounds[column]!.length + 1; code++)
            for (const missingLeft of [false, true]) {
              const left = (i: number) => goesLeft({ column, code, missingLeft, gain: 0 }, bins, i);
              const side = (want: boolean) => rows.flatMap((_, i) => (left(i) === want ? [i] : []));
              if (side(true).length < minChildRows || side(false).length < minChildRows) continue;
              const score = (own: readonly number[]) =>
                own.reduce((sum, i) => sum + gradient[i]!, 0) ** 2 /
                (own.reduce((sum, i) => sum + hessian[i]!, 0) + l2);
              best = Math.max(best, score(side(true)) + score(side(false)) - leaf.gradient ** 2 / (leaf.hessian + l2));
            }
        expect(found?.gain ?? 0).toBeCloseTo(best, 7);
      }),
    );
  });

  it('parts the rows as its codes say, in order, and loses none', () => {
    fc.assert(
      fc.property(problem, ({ rows, l2 }) => {
        const { bins, starts, histogram, leaf, index } = prepared(rows);
        const split = bestSplit(histogram, bins, starts, Int32Array.of(0, 1), leaf, {
          l2,
          minChildRows: 1,
          minChildHessian: 0,
        });
        fc.pre(split !== undefined);
        const count = partRows(index, 0, rows.length, split!, bins, new Int32Array(rows.length));
        const expected = [true, false].map((want) =>
          rows.flatMap((_, i) => (goesLeft(split!, bins, i) === want ? [i] : [])),
        );
        expect(Array.from(index)).toEqual(expected.flat());
        expect(count).toBe(expected[0]!.length);
      }),
    );
  });

  it('a histogram minus one child’s is the other child’s', () => {
    fc.assert(
      fc.property(problem, fc.nat(), ({ rows }, cut) => {
        const { bins, starts, gradient, hessian, histogram, index } = prepared(rows);
        const first = cut % (rows.length + 1);
        const part = (start: number, end: number) => {
          const own = new Float64Array(histogram.length);
          const gathered = { gradient: gradient.slice(start, end), hessian: hessian.slice(start, end) };
          fillHistogram(own, bins, starts, Int32Array.of(0, 1), index, start, end - start, gathered);
          return own;
        };
        subtractHistogram(histogram, part(0, first));
        const rest = part(first, rows.length);
        rest.forEach((value, i) => expect(histogram[i]).toBeCloseTo(value, 9));
      }),
    );
  });

  it('what is drawn is ascending, distinct and, with its complement, everything', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(), fc.nat(), (among, take, seed) => {
        const drawn = drawSorted(among, take % (among + 1), seededRandom(seed));
        expect(drawn).toHaveLength(take % (among + 1));
        const all = [...drawn, ...complement(among, drawn)];
        expect(new Set(all).size).toBe(among);
        expect(Array.from(drawn)).toEqual(Array.from(drawn).sort((a, b) => a - b));
      }),
    );
  });
});

function goesLeft(split: Split, bins: ReturnType<typeof binRows>, row: number): boolean {
  const code = bins.codes[split.column * bins.rowCount + row]!;
  return code === bins.bounds[split.column]!.length + 1 ? split.missingLeft : code <= split.code;
}

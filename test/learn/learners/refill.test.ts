import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logit, sigmoid, solveIntercept } from '../../../src/learn/learners/intercept.js';
import { refillLeaves } from '../../../src/learn/learners/refill.js';
import { TreeBuilder } from '../../../src/learn/learners/tree-builder.js';
import { clickRows } from '../../../src/lab/laws/click-rows.js';

/** Position below 10; then nothing, or an empty leaf. */
function stump() {
  const builder = new TreeBuilder();
  builder.beginTree(0);
  const left = builder.split(builder.leaf(), 0, 10, false);
  builder.split(left, 0, -5, false);
  return builder.build(12, new Float32Array(1), 'identity');
}

describe('leaves refilled over all kept rows', () => {
  const rows = clickRows(2_000, 12, 3, -1.5);
  const weights = Float32Array.from({ length: 2_000 }, (_, i) => 1 + (i % 7));

  it('without offsets a leaf holds (Σwy + k·ȳ) / (Σw + k)', () => {
    const { value } = refillLeaves(stump(), { ...rows, weights }, 20);
    let all = 0;
    let clicks = 0;
    let leafWeight = 0;
    let leafClicks = 0;
    for (let i = 0; i < 2_000; i++) {
      all += weights[i]!;
      clicks += weights[i]! * rows.labels[i]!;
      if (rows.rows[i * 12]! >= 10) continue;
      leafWeight += weights[i]!;
      leafClicks += weights[i]! * rows.labels[i]!;
    }
    const rate = clicks / all;
    expect(value[4]).toBeCloseTo((leafClicks + 20 * rate) / (leafWeight + 20), 6);
    expect(value[3]).toBeCloseTo(rate, 6);
    expect([value[0], value[1]]).toEqual([0, 0]);
  });

  it('with offsets of nearly nothing the solved leaves are those of the formula', () => {
    const plain = refillLeaves(stump(), rows, 20).value;
    const solved = refillLeaves(stump(), { ...rows, offsets: new Float32Array(2_000).fill(1e-9) }, 20).value;
    for (let i = 0; i < plain.length; i++) expect(solved[i]).toBeCloseTo(plain[i]!, 6);
  });

  it('a constant offset only moves the log-odds', () => {
    const plain = refillLeaves(stump(), rows, 0).value;
    const moved = refillLeaves(stump(), { ...rows, offsets: new Float32Array(2_000).fill(1.5) }, 0).value;
    for (const leaf of [2, 4]) expect(logit(moved[leaf]!)).toBeCloseTo(logit(plain[leaf]!) - 1.5, 4);
  });

  it('the intercept makes predicted clicks equal real ones, offsets and weights included', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            y: fc.integer({ min: 0, max: 1 }),
            o: fc.double({ min: -8, max: 8, noNaN: true }),
            w: fc.double({ min: 0.1, max: 50, noNaN: true }),
          }),
          { minLength: 2 },
        ),
        (given) => {
          fc.pre(given.some(({ y }) => y === 1) && given.some(({ y }) => y === 0));
          const offsets = Float32Array.from(given, ({ o }) => o);
          const w = Float32Array.from(given, ({ w: one }) => one);
          const b = solveIntercept(
            Uint8Array.from(given, ({ y }) => y),
            offsets,
            w,
          );
          const excess = given.reduce((sum, { y }, i) => sum + w[i]! * (sigmoid(b + offsets[i]!) - y), 0);
          expect(Math.abs(excess)).toBeLessThan(1e-6 * w.reduce((sum, one) => sum + one, 0));
        },
      ),
    );
  });
});

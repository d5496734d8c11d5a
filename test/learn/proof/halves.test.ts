import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commonPeriod, pairOf, type Pair } from '../../../src/learn/proof/halves.js';
import { heldRows } from './rows.js';

const PAIRS = 8;

function pairsOf(auditCount: number, trainingCount: number, seed: number): Pair[] {
  const audit = heldRows({ count: auditCount, seed });
  const training = heldRows({ count: trainingCount, seed: seed + 1 });
  const period = commonPeriod(audit, training);
  return Array.from({ length: PAIRS }, (_, number) => pairOf(number, period, audit.draws, training.draws));
}

const layouts = fc.tuple(fc.integer({ min: 2, max: 400 }), fc.integer({ min: 2, max: 400 }), fc.nat(1_000));
const rising = (rows: Uint32Array) => rows.every((row, i) => i === 0 || row > rows[i - 1]!);

describe('the pairs of a proof', () => {
  test('train on as many rows of either kind, in their order, and never on a row that judges them', () => {
    fc.assert(
      fc.property(layouts, (layout) => {
        for (const { uniform, curated, judges } of pairsOf(...layout)) {
          expect(uniform.length).toBe(curated.length);
          expect([uniform, curated, judges].every(rising)).toBe(true);
          expect(uniform.filter((row) => judges.includes(row))).toHaveLength(0);
        }
      }),
    );
  });

  test('have every audit row judge once a halving, and take other curated rows on its other side', () => {
    fc.assert(
      fc.property(layouts, (layout) => {
        const pairs = pairsOf(...layout);
        for (let halving = 0; halving < PAIRS; halving += 2) {
          const [one, other] = [pairs[halving]!, pairs[halving + 1]!];
          expect([...one.judges, ...other.judges].sort((a, b) => a - b)).toEqual(
            Array.from({ length: layout[0] }, (_, row) => row),
          );
          expect(one.curated.filter((row) => other.curated.includes(row))).toHaveLength(0);
        }
      }),
    );
  });

  test('use whole halves where there are curated rows enough, and half of those where not', () => {
    for (const { uniform, judges } of pairsOf(1_000, 4_000, 1)) expect(uniform.length).toBe(1_000 - judges.length);
    for (const { uniform } of pairsOf(1_000, 300, 2)) expect(uniform.length).toBe(150);
  });

  test('are other ones in each halving', () => {
    const judges = pairsOf(200, 300, 3).map((pair) => pair.judges.join());
    const curated = pairsOf(200, 300, 3).map((pair) => pair.curated.join());
    expect([new Set(judges).size, new Set(curated).size]).toEqual([PAIRS, PAIRS]);
  });

  test('stay where their draws put them, whatever else is held', () => {
    const audit = heldRows({ count: 600, seed: 4 });
    const training = heldRows({ count: 900, seed: 5 });
    const all = pairOf(3, commonPeriod(audit, training), audit.draws, training.draws);
    const part = {
      audit: Uint32Array.from({ length: 300 }, (_, row) => row),
      training: new Uint32Array(900).map((_, i) => i),
    };
    const some = pairOf(3, part, audit.draws, training.draws);
    expect([...some.judges]).toEqual([...all.judges.filter((row) => row < 300)]);
  });

  test('come from the period that both kinds cover', () => {
    const audit = heldRows({ count: 100, seed: 6, fromMs: 40 });
    const training = heldRows({ count: 100, seed: 7 });
    expect([...commonPeriod(audit, training).training]).toEqual(Array.from({ length: 60 }, (_, i) => 40 + i));
    expect(commonPeriod(audit, training).audit).toHaveLength(100);
    expect(commonPeriod(heldRows({ count: 0, seed: 8 }), training).training).toHaveLength(0);
  });

  test('keep the share of positives of what they are thinned from', () => {
    const audit = heldRows({ count: 20_000, seed: 9 });
    const training = heldRows({ count: 40_000, seed: 10, isCurated: true });
    const share = (rows: Uint32Array, labels: Uint8Array) =>
      rows.reduce((sum, row) => sum + labels[row]!, 0) / rows.length;
    const all = training.labels.reduce((sum, label) => sum + label, 0) / 40_000;
    const period = commonPeriod(audit, training);
    for (let number = 0; number < PAIRS; number++) {
      const { curated } = pairOf(number, period, audit.draws, training.draws);
      const error = Math.sqrt((all * (1 - all)) / curated.length);
      expect(Math.abs(share(curated, training.labels) - all)).toBeLessThan(4 * error);
    }
  });
});

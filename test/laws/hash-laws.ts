import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hash32 } from '../../src/ports/hash.js';

const text = fc.string({ unit: 'binary', maxLength: 200 });
const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });

/** What every {@link Hash32} owes its callers. */
export function hashLaws(name: string, make: () => Promise<Hash32>): void {
  describe(`hash laws: ${name}`, () => {
    it('the same text and seed give the same number, also from another instance', async () => {
      const [one, other] = [await make(), await make()];
      fc.assert(fc.property(text, seed, (t, s) => one(t, s) === one(t, s) && one(t, s) === other(t, s)));
    });

    it('the number is an unsigned 32-bit integer', async () => {
      const hash = await make();
      fc.assert(
        fc.property(text, seed, (t, s) => Number.isInteger(hash(t, s)) && hash(t, s) >= 0 && hash(t, s) < 2 ** 32),
      );
    });

    it('numbers of sequential ids are uniform: each of 20 cells holds its share within 5 standard deviations', async () => {
      const hash = await make();
      const cells = new Array<number>(20).fill(0);
      const draws = 100_000;
      for (let i = 0; i < draws; i++) {
        const cell = Math.floor((hash(`request-${i}#1`, 7) / 2 ** 32) * cells.length);
        cells[cell] = (cells[cell] ?? 0) + 1;
      }
      const expected = draws / cells.length;
      for (const found of cells) expect(Math.abs(found - expected)).toBeLessThan(5 * Math.sqrt(expected));
    });

    it('another seed draws other numbers: the coins of two seeds agree as often as chance', async () => {
      const hash = await make();
      const draws = 50_000;
      let agreeing = 0;
      for (let i = 0; i < draws; i++) if (hash(`s${i}`, 1) < 2 ** 31 === hash(`s${i}`, 2) < 2 ** 31) agreeing++;
      expect(Math.abs(agreeing - draws / 2)).toBeLessThan((5 * Math.sqrt(draws)) / 2);
    });
  });
}

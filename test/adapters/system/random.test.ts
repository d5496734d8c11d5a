import { describe, expect, it } from 'vitest';
import { seededRandom, systemRandom } from '../../../src/adapters/system/index.js';

const take = (seed: number, n: number) => Array.from({ length: n }, seededRandom(seed));

describe('seeded random', () => {
  it('the same seed repeats, another one does not', () => {
    expect(take(7, 50)).toEqual(take(7, 50));
    expect(take(7, 50)).not.toEqual(take(8, 50));
  });

  it('the sequence is the same in every release', () => {
    expect(take(1, 3)).toMatchInlineSnapshot(`
      [
        0.7822727714665234,
        0.27532708551734686,
        0.9936929049436003,
      ]
    `);
  });

  it('numbers are uniform in [0, 1): each of 20 cells holds its share within 5 standard deviations', () => {
    const cells = new Array<number>(20).fill(0);
    const draws = take(3, 100_000);
    for (const u of draws) {
      expect(u >= 0 && u < 1).toBe(true);
      cells[Math.floor(u * 20)]! += 1;
    }
    for (const found of cells) expect(Math.abs(found - 5_000)).toBeLessThan(5 * Math.sqrt(5_000));
  });

  it('neighbouring seeds are independent: their first numbers spread over the unit interval', () => {
    const firsts = Array.from({ length: 2_000 }, (_, seed) => seededRandom(seed)());
    const mean = firsts.reduce((sum, u) => sum + u, 0) / firsts.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 / Math.sqrt(12 * firsts.length));
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  it('a number does not predict the next: lag-one correlation is within 5 standard errors of 0', () => {
    const draws = take(11, 20_000);
    let sum = 0;
    for (let i = 1; i < draws.length; i++) sum += (draws[i]! - 0.5) * (draws[i - 1]! - 0.5) * 12;
    expect(Math.abs(sum / draws.length)).toBeLessThan(5 / Math.sqrt(draws.length));
  });
});

describe('system random', () => {
  it('stays in [0, 1)', () => {
    for (let i = 0; i < 1_000; i++) {
      const u = systemRandom();
      expect(u >= 0 && u < 1).toBe(true);
    }
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mix, uniform } from '../../../src/pipeline/state/keys.js';
import { keyOf } from '../kit.js';

const key = fc.integer({ min: 1, max: 2 ** 53 - 1 });

describe('keys', () => {
  it('are whole numbers from 1 below 2^53, the same for the same text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const found = keyOf(text);
        expect(Number.isSafeInteger(found) && found >= 1).toBe(true);
        expect(keyOf(text)).toBe(found);
      }),
    );
  });

  it('mixed are keys again, and the order matters', () => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        const mixed = mix(a, b);
        expect(Number.isSafeInteger(mixed) && mixed >= 1).toBe(true);
        if (a !== b) expect(mix(b, a)).not.toBe(mixed);
      }),
    );
  });

  it('of 200,000 neighbouring texts, and their mixes with one key and with small numbers, are all different', () => {
    const plain = new Set<number>();
    const mixed = new Set<number>();
    const numbered = new Set<number>();
    const request = keyOf('request');
    for (let i = 0; i < 200_000; i++) {
      const found = keyOf(`item-${i}`);
      plain.add(found);
      mixed.add(mix(request, found));
      numbered.add(mix(keyOf(`r${i % 2_000}`), Math.floor(i / 2_000)));
    }
    expect([plain.size, mixed.size, numbered.size]).toEqual([200_000, 200_000, 200_000]);
  });

  it('give coins that are uniform: 40 cells within 5 standard deviations, for each of three salts', () => {
    for (const salt of ['coin:a', 'coin:b', 'audit']) {
      const cells = new Array<number>(40).fill(0);
      for (let i = 0; i < 80_000; i++)
        cells[Math.floor(uniform(mix(keyOf(`r${i >> 3}`), i & 7), keyOf(salt)) * 40)]! += 1;
      for (const found of cells) expect(Math.abs(found - 2_000)).toBeLessThan(5 * Math.sqrt(2_000));
    }
  });

  it('give coins of two salts that are independent: the share under .1 of both is .01 within 5 standard errors', () => {
    let both = 0;
    for (let i = 0; i < 200_000; i++)
      if (uniform(keyOf(`s${i}`), keyOf('coin:a')) < 0.1 && uniform(keyOf(`s${i}`), keyOf('audit')) < 0.1) both++;
    expect(Math.abs(both - 2_000)).toBeLessThan(5 * Math.sqrt(2_000));
  });
});

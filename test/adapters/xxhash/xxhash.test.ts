import xxhash from 'xxhash-wasm';
import { createHash32 } from '../../../src/adapters/xxhash/index.js';
import { hashLaws } from '../../laws/hash-laws.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

hashLaws('xxhash', createHash32);

describe('xxhash', () => {
  it('gives the published XXH32 values', async () => {
    const hash = await createHash32();
    expect(hash('', 0)).toBe(0x02cc5d05);
    expect(hash('abc', 0)).toBe(0x32d153ff);
    expect(hash('Nobody inspects the spammish repetition', 0)).toBe(0xe2293b2f);
    expect(hash('The string that is being hashed', 0)).toBe(3_998_627_172);
  });

  it('takes the seed modulo 2^32', async () => {
    const hash = await createHash32();
    expect(hash('abc', -1)).toBe(hash('abc', 2 ** 32 - 1));
  });

  it('hashes short ASCII texts as the library hashes all texts', async () => {
    const hash = await createHash32();
    const { h32 } = await xxhash();
    const unit = fc.constantFrom('grapheme-ascii' as const, 'binary' as const);
    const text = unit.chain((kind) => fc.string({ unit: kind, maxLength: 80 }));
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 2 ** 32 - 1 }), (given, seed) => {
        expect(hash(given, seed)).toBe(h32(given, seed) >>> 0);
      }),
      { numRuns: 2_000 },
    );
  });
});

import { createHash32 } from '../../../src/adapters/xxhash/index.js';
import { hashLaws } from '../../laws/hash-laws.js';
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
});

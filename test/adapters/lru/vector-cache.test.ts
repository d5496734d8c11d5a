import { describe, expect, it } from 'vitest';
import { createVectorCache } from '../../../src/adapters/lru/index.js';

describe('vector cache', () => {
  it('never holds more than its entries, and forgets the one used longest ago', () => {
    const cache = createVectorCache(2);
    const vector = (value: number) => new Float32Array([value]);
    cache.set('a', vector(1));
    cache.set('b', vector(2));
    expect(cache.get('a')).toEqual(vector(1));
    cache.set('c', vector(3));
    expect(['a', 'b', 'c'].map((text) => cache.get(text)?.[0])).toEqual([1, undefined, 3]);
  });
});

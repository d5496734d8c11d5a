import { LRUCache } from 'lru-cache';
import type { VectorCache } from '../../ports/vector-cache.js';

/** Keeps the `maxEntries` vectors used last, in memory. */
export function createVectorCache(maxEntries: number): VectorCache {
  const vectors = new LRUCache<string, Float32Array>({ max: maxEntries });
  return {
    get: (text) => vectors.get(text),
    set: (text, vector) => void vectors.set(text, vector),
  };
}

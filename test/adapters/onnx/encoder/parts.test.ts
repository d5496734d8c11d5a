import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chunksOf,
  longestFirst,
  MAX_CHUNK_CHARACTERS,
  MAX_CHUNK_TEXTS,
} from '../../../../src/adapters/onnx/encoder/chunks.js';
import { encodedOnce } from '../../../../src/adapters/onnx/encoder/in-flight.js';
import { poolTokens, writeUnit } from '../../../../src/adapters/onnx/encoder/pooling.js';
import { MemoryEncoder } from '../../../../src/adapters/memory/encoder.js';

describe('chunks of texts', () => {
  it('keep every text in order, within their bounds, with work for every thread', () => {
    const texts = fc.array(
      fc.nat(20_000).map((length) => 'x'.repeat(length)),
      { maxLength: 300 },
    );
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 8 }), (given, workers) => {
        const chunks = chunksOf(given, workers);
        expect(chunks.flat()).toEqual(given);
        for (const chunk of chunks) {
          expect(chunk.length).toBeGreaterThan(0);
          expect(chunk.length).toBeLessThanOrEqual(MAX_CHUNK_TEXTS);
          if (chunk.length > 1) expect(chunk.join('').length).toBeLessThanOrEqual(MAX_CHUNK_CHARACTERS);
        }
        expect(chunks.length).toBeGreaterThanOrEqual(Math.min(given.length, workers));
      }),
      { numRuns: 50 },
    );
  });
});

describe('the order of texts', () => {
  it('is every index once, longest first', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 30 })), (texts) => {
        const order = longestFirst(texts);
        expect([...order].sort((left, right) => left - right)).toEqual(texts.map((_, index) => index));
        for (const [at, index] of order.slice(1).entries())
          expect(texts[index]!.length).toBeLessThanOrEqual(texts[order[at]!]!.length);
      }),
    );
  });

  it('lets threads finish together where short and long texts are mixed, as the order of arrival does not', () => {
    // 300 queries, and a description that comes last.
    const texts = [...Array.from({ length: 300 }, () => 'x'.repeat(15)), 'x'.repeat(900)];
    const ordered = longestFirst(texts).map((index) => texts[index]!);
    expect(longestThread(chunksOf(ordered, 4), 4)).toBeLessThan(1.2);
    expect(longestThread(chunksOf(texts, 4), 4)).toBeGreaterThan(1.4);
  });
});

/** Characters of the busiest thread / those of an even share, each chunk to the thread that is free first. */
function longestThread(chunks: readonly (readonly string[])[], threadCount: number): number {
  const threads = new Array<number>(threadCount).fill(0);
  for (const chunk of chunks) threads[threads.indexOf(Math.min(...threads))]! += chunk.join('').length;
  return (Math.max(...threads) * threadCount) / threads.reduce((sum, one) => sum + one, 0);
}

describe('pooling', () => {
  it('mean takes every token, cls the first, both at unit length', () => {
    const tokens = new Float32Array([3, 0, 0, 0, 4, 0, 3, 4, 0]);
    const sum = new Float64Array(3);
    const vector = new Float32Array(6);
    poolTokens(tokens, 3, 'mean', sum);
    expect(writeUnit(sum, vector, 0)).toBe(true);
    poolTokens(tokens, 3, 'cls', sum);
    expect(writeUnit(sum, vector, 3)).toBe(true);
    expect([...vector]).toEqual([6 / Math.hypot(6, 8), 0.8, 0, 1, 0, 0].map(Math.fround));
  });

  it('a sum of no finite length writes nothing', () => {
    const vector = new Float32Array([9, 9]);
    for (const sum of [
      [0, 0],
      [Number.NaN, 1],
      [Infinity, 1],
    ])
      expect(writeUnit(Float64Array.from(sum), vector, 0)).toBe(false);
    expect([...vector]).toEqual([9, 9]);
  });
});

describe('texts in flight', () => {
  it('calls at the same time encode a shared text once, and each gets its own order', async () => {
    const inner = new MemoryEncoder();
    const encoder = encodedOnce(inner);
    const [left, right] = await Promise.all([encoder.encode(['a', 'b', 'a']), encoder.encode(['c', 'b'])]);
    expect([...inner.encoded].sort()).toEqual(['a', 'b', 'c']);
    expect(left[0]).toEqual(left[2]);
    expect(right[1]).toEqual(left[1]);
  });

  it('a failure reaches every call that waits, and the next call tries again', async () => {
    const inner = new MemoryEncoder();
    const encoder = encodedOnce(inner);
    inner.failing = true;
    const outcomes = await Promise.allSettled([encoder.encode(['a']), encoder.encode(['a', 'b'])]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
    inner.failing = false;
    expect(await encoder.encode(['a'])).toHaveLength(1);
  });
});

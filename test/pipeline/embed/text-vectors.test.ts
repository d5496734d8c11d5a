import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createVectorCache } from '../../../src/adapters/lru/index.js';
import { ManualClock, MemoryEncoder, RecordingLogger, RecordingMetrics } from '../../../src/adapters/memory/index.js';
import { dispensableStore, TextVectors, vectorKey } from '../../../src/pipeline/embed/index.js';
import { SluiceError } from '../../../src/errors.js';
import type { VectorStore } from '../../../src/ports/vector-store.js';

/** A store in a map. */
function mapStore(): VectorStore & { readonly entries: Map<string, Float32Array> } {
  const entries = new Map<string, Float32Array>();
  return {
    entries,
    get: (key) => entries.get(key),
    put: (added) => Promise.resolve(added.forEach(([key, vector]) => entries.set(key, vector))),
    close: () => Promise.resolve(),
  };
}

function setUp(cacheEntries = 100, store: VectorStore | undefined = undefined) {
  const encoder = new MemoryEncoder();
  const metrics = new RecordingMetrics();
  return { encoder, metrics, vectors: new TextVectors(encoder, createVectorCache(cacheEntries), store, metrics) };
}

describe('text vectors of a batch', () => {
  it('every loaded text has the vector the encoder gives it, however small the cache', async () => {
    const texts = fc.array(fc.array(fc.string({ maxLength: 3 }), { maxLength: 30 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 1, max: 8 }), async (batches, cacheEntries) => {
        const { vectors } = setUp(cacheEntries, mapStore());
        for (const batch of batches) {
          await vectors.load(batch);
          for (const text of batch) {
            const expected = text.trim() === '' ? undefined : (await new MemoryEncoder().encode([text]))[0];
            expect(vectors.get(text)).toEqual(expected);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('a distinct text is embedded once, in a batch and across batches', async () => {
    const { encoder, metrics, vectors } = setUp();
    await vectors.load(['a', 'b', 'a', '', '  ']);
    await vectors.load(['b', 'c']);
    expect(encoder.encoded).toEqual(['a', 'b', 'c']);
    expect(metrics.total('sluice_encoder_texts_total', { source: 'model' })).toBe(3);
    expect(metrics.total('sluice_encoder_texts_total', { source: 'memory' })).toBe(1);
  });

  it('a blank text and a text of an earlier batch have none', async () => {
    const { vectors } = setUp();
    await vectors.load(['a', ' ', '']);
    await vectors.load(['b']);
    expect(['a', ' ', '', 'b'].map((text) => vectors.get(text) !== undefined)).toEqual([false, false, false, true]);
  });

  it('a restart finds on disk what was embedded before', async () => {
    const store = mapStore();
    const before = setUp(10, store);
    await before.vectors.load(['a', 'b']);
    const after = setUp(10, store);
    await after.vectors.load(['a', 'b', 'c']);
    expect(after.encoder.encoded).toEqual(['c']);
    expect(after.vectors.get('a')).toEqual(before.vectors.get('a'));
    expect(after.metrics.total('sluice_encoder_texts_total', { source: 'disk' })).toBe(2);
  });

  it('a stored vector of other dimensions is embedded again', async () => {
    const store = mapStore();
    store.entries.set(vectorKey('memory-16', 'a'), new Float32Array(3));
    const { encoder, vectors } = setUp(10, store);
    await vectors.load(['a']);
    expect(encoder.encoded).toEqual(['a']);
    expect(vectors.get('a')).toHaveLength(16);
  });

  it('a load that failed can be loaded again', async () => {
    const { encoder, vectors } = setUp();
    await vectors.load(['a']);
    encoder.failing = true;
    await expect(vectors.load(['a', 'b'])).rejects.toMatchObject({ code: 'encoder-failed' });
    encoder.failing = false;
    await vectors.load(['a', 'b']);
    expect(vectors.get('b')).toBeDefined();
    expect(encoder.encoded).toEqual(['a', 'b']);
  });

  it('the time of a batch is recorded when the model was asked, and only then', async () => {
    const metrics = new RecordingMetrics();
    const vectors = new TextVectors(new MemoryEncoder(), createVectorCache(10), undefined, metrics, new ManualClock());
    await vectors.load(['a']);
    await vectors.load(['a']);
    expect(metrics.observed('sluice_encoder_seconds')).toEqual([0]);
  });

  describe.each(['get', 'put', 'close'] as const)('when the disk fails at %s', (failing) => {
    const full = () => new SluiceError('store-full', { path: 'vectors', why: 'No space left on device' });
    /** Two partitions over one store, whose `failing` fails while `broken.now` is true. */
    const partitions = () => {
      const broken = { now: false };
      const whole = mapStore();
      const calls = { get: 0, put: 0, close: 0 };
      const failsAt = (call: typeof failing): boolean => {
        calls[call]++;
        return broken.now && call === failing;
      };
      const store: VectorStore = {
        get: (key) => {
          if (failsAt('get')) throw full();
          return whole.get(key);
        },
        put: (entries) => (failsAt('put') ? Promise.reject(full()) : whole.put(entries)),
        close: () => (failsAt('close') ? Promise.reject(full()) : whole.close()),
      };
      const [logger, metrics, encoder] = [new RecordingLogger(), new RecordingMetrics(), new MemoryEncoder()];
      const shared = dispensableStore(store, logger, metrics);
      const [left, right] = [0, 1].map(() => new TextVectors(encoder, createVectorCache(1), shared, metrics));
      return { broken, calls, logger, metrics, encoder, shared, left: left!, right: right! };
    };

    it('no batch fails, every text has its vector, and it is told and counted once', async () => {
      const { broken, calls, logger, metrics, encoder, shared, left, right } = partitions();
      await left.load(['a', 'b']);
      broken.now = true;
      for (const texts of [['c', 'd'], ['a', 'c'], ['e']]) {
        await Promise.all([left.load(texts), right.load(texts)]);
        for (const text of texts) {
          const [expected] = await new MemoryEncoder().encode([text]);
          expect([left.get(text), right.get(text)]).toEqual([expected, expected]);
        }
      }
      await shared.close();
      expect(logger.messages('warn')).toHaveLength(1);
      expect(logger.lines[0]?.fields['why']).toContain('No space left on device');
      expect(metrics.total('sluice_vector_store_failures_total')).toBe(1);
      expect(encoder.encoded.length).toBeGreaterThanOrEqual(5);
      expect(calls.close).toBe(1);
    });

    it('the disk is left alone from then on', async () => {
      const { broken, calls, shared, left } = partitions();
      broken.now = true;
      await left.load(['a']);
      await shared.close();
      broken.now = false;
      const before = { ...calls };
      await left.load(['b', 'c']);
      expect(calls).toEqual(before);
    });
  });

  it('a disk that does not fail is used as if it stood there alone', async () => {
    const store = mapStore();
    const [logger, metrics, encoder] = [new RecordingLogger(), new RecordingMetrics(), new MemoryEncoder()];
    const vectors = () =>
      new TextVectors(encoder, createVectorCache(10), dispensableStore(store, logger, metrics), metrics);
    await vectors().load(['a', 'b']);
    await vectors().load(['a', 'b']);
    expect(encoder.encoded).toEqual(['a', 'b']);
    expect(store.entries.size).toBe(2);
    expect(logger.lines).toEqual([]);
    expect(metrics.total('sluice_vector_store_failures_total')).toBe(0);
  });

  it('keys are short, and differ by text and by encoder', () => {
    const keys = [vectorKey('x', 'a'), vectorKey('x', 'b'), vectorKey('y', 'a'), vectorKey('x', 'a'.repeat(10_000))];
    expect(new Set(keys).size).toBe(4);
    for (const key of keys) expect(key.length).toBeLessThan(64);
  });
});

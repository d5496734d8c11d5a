import type { Clock } from '../../ports/clock.js';
import type { Encoder } from '../../ports/encoder.js';
import type { Metrics } from '../../ports/metrics.js';
import type { VectorCache } from '../../ports/vector-cache.js';
import type { VectorStore } from '../../ports/vector-store.js';
import { vectorKey } from './vector-key.js';

/**
 * The vectors of one batch's texts, each distinct text looked up in memory, then on disk, then embedded. One a partition;
 * encoder, cache and store may be shared.
 * Guarantees: after `load(texts)`, `get` answers for every non-blank one of them until the next `load`, even when they are
 * more than the cache holds. After a `load` that failed, only vectors of the texts found before the failure are there.
 */
export class TextVectors {
  /** Vectors of the batch loaded last, by text. */
  private current = new Map<string, Float32Array>();

  constructor(
    private readonly encoder: Encoder,
    private readonly cache: VectorCache,
    private readonly store: VectorStore | undefined,
    private readonly metrics: Metrics,
    /** Times `sluice_encoder_seconds`; without it the time is not recorded. */
    private readonly clock?: Pick<Clock, 'monotonicMs'>,
  ) {}

  /** Dimensions of every vector. */
  get dimensions(): number {
    return this.encoder.dimensions;
  }

  /**
   * Makes `get` answer for these texts. Rejects with what the encoder or the store rejects with; loading again is safe.
   * @param texts repetitions and blanks are welcome
   */
  async load(texts: Iterable<string>): Promise<void> {
    const startMs = this.clock?.monotonicMs();
    const { found, missing, fromDisk } = this.lookUp(texts);
    this.current = found;
    this.count('memory', found.size - fromDisk);
    this.count('disk', fromDisk);
    if (missing.length === 0) return;
    const vectors = await this.encoder.encode(missing);
    const entries = missing.map((text, index) => [text, vectors[index]!] as const);
    for (const [text, vector] of entries) {
      found.set(text, vector);
      this.cache.set(text, vector);
    }
    this.count('model', entries.length);
    await this.store?.put(entries.map(([text, vector]) => [vectorKey(this.encoder.encoderId, text), vector]));
    if (startMs !== undefined)
      this.metrics.observe('sluice_encoder_seconds', (this.clock!.monotonicMs() - startMs) / 1000);
  }

  /** The unit vector of a loaded text; undefined for a blank text and for one that was not loaded. Never to be changed. */
  get(text: string): Float32Array | undefined {
    return this.current.get(text);
  }

  private lookUp(texts: Iterable<string>): { found: Map<string, Float32Array>; missing: string[]; fromDisk: number } {
    const found = new Map<string, Float32Array>();
    const missing = new Set<string>();
    let fromDisk = 0;
    for (const text of texts) {
      if (text === '' || found.has(text) || missing.has(text)) continue;
      // The batch before first: what it embedded may already have fallen out of the cache.
      const known = this.current.get(text) ?? this.cache.get(text);
      if (known !== undefined) {
        found.set(text, known);
        continue;
      }
      if (isBlank(text)) continue;
      const stored = this.store?.get(vectorKey(this.encoder.encoderId, text));
      if (stored === undefined || stored.length !== this.encoder.dimensions) {
        missing.add(text);
        continue;
      }
      found.set(text, stored);
      this.cache.set(text, stored);
      fromDisk++;
    }
    return { found, missing: [...missing], fromDisk };
  }

  private count(source: 'memory' | 'disk' | 'model', texts: number): void {
    if (texts > 0) this.metrics.count('sluice_encoder_texts_total', texts, { source });
  }
}

/** True for a text without anything to embed. */
function isBlank(text: string): boolean {
  return !/\S/.test(text);
}

import type { VectorSource } from '../../pipeline/partition.js';
import type { Metrics } from '../../ports/metrics.js';
import type { VectorCache } from '../../ports/vector-cache.js';
import type { SentVectors } from './doors.js';

/**
 * Text vectors of one partition of this thread: what its cache has not is asked of the run's thread, where the encoder, the
 * larger cache and the disk are. That one counts what it is asked for, this one what it need not ask.
 */
export class LineVectors implements VectorSource {
  /** Vectors of the batch loaded last, by text. */
  private current = new Map<string, Float32Array>();

  constructor(
    private readonly ask: (texts: readonly string[]) => Promise<SentVectors>,
    private readonly cache: VectorCache,
    private readonly metrics: Pick<Metrics, 'count'>,
  ) {}

  async load(texts: Iterable<string>): Promise<void> {
    const found = new Map<string, Float32Array>();
    const missing = new Set<string>();
    for (const text of texts) {
      if (text === '' || found.has(text) || missing.has(text)) continue;
      const known = this.current.get(text) ?? this.cache.get(text);
      if (known === undefined) missing.add(text);
      else found.set(text, known);
    }
    this.current = found;
    if (found.size > 0) this.metrics.count('sluice_encoder_texts_total', found.size, { source: 'memory' });
    if (missing.size > 0) this.take([...missing], await this.ask([...missing]), found);
  }

  get(text: string): Float32Array | undefined {
    return this.current.get(text);
  }

  private take(texts: readonly string[], { has, values }: SentVectors, found: Map<string, Float32Array>): void {
    const count = has.reduce((sum, one) => sum + one, 0);
    const dimensions = count === 0 ? 0 : values.length / count;
    let at = 0;
    texts.forEach((text, index) => {
      if (has[index] === 0) return;
      // A copy each: a view would keep the vectors of the whole batch in memory.
      const vector = values.slice(at, at + dimensions);
      at += dimensions;
      found.set(text, vector);
      this.cache.set(text, vector);
    });
  }
}

/** What the vectors of some texts travel as. */
export function packVectors(texts: readonly string[], source: Pick<VectorSource, 'get'>): SentVectors {
  const vectors = texts.map((text) => source.get(text));
  const dimensions = vectors.find((vector) => vector !== undefined)?.length ?? 0;
  const has = Uint8Array.from(vectors, (vector) => (vector ? 1 : 0));
  const values = new Float32Array(dimensions * has.reduce((sum, one) => sum + one, 0));
  let at = 0;
  for (const vector of vectors) {
    if (!vector) continue;
    values.set(vector, at);
    at += dimensions;
  }
  return { has, values };
}

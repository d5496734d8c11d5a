import { lmdbVectorStore } from '../adapters/lmdb/index.js';
import { createVectorCache } from '../adapters/lru/index.js';
import { openEncoder } from '../adapters/onnx/encoder/index.js';
import { openServerEncoder } from '../adapters/onnx/encoder/server/server-encoder.js';
import type { Config } from '../config/schema.js';
import { dispensableStore, TextVectors } from '../pipeline/embed/index.js';
import type { VectorSource } from '../pipeline/partition.js';
import type { Clock } from '../ports/clock.js';
import type { Encoder } from '../ports/encoder.js';
import type { Logger } from '../ports/logger.js';
import type { Metrics } from '../ports/metrics.js';
import type { VectorCache } from '../ports/vector-cache.js';
import type { VectorStore } from '../ports/vector-store.js';

interface EncoderDeps {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Told that texts wait for an encoder server, and why; undefined once they no longer do. */
  readonly onWaiting?: (why: string | undefined) => void;
}

/** Who wants to know before the first text is embedded. */
export interface FirstText {
  readonly atFirstText: (texts: readonly string[]) => Promise<void>;
}

/** One encoder, cache and disk store for all partitions, opened when the first text comes. */
export class SharedEncoder {
  private opened: Promise<{ encoder: Encoder; cache: VectorCache; store: VectorStore | undefined }> | undefined;

  constructor(
    private readonly settings: Config['encoder'],
    private readonly deps: EncoderDeps & Partial<FirstText>,
  ) {}

  async vectors(texts: readonly string[]): Promise<TextVectors> {
    this.opened ??= this.open(texts);
    const { encoder, cache, store } = await this.opened;
    return new TextVectors(encoder, cache, store, this.deps.metrics, this.deps.clock);
  }

  async close(): Promise<void> {
    // One that did not open has told whoever asked for it.
    const opened = await this.opened?.catch(() => undefined);
    await opened?.encoder.close();
    await opened?.store?.close();
  }

  private async open(
    texts: readonly string[],
  ): Promise<{ encoder: Encoder; cache: VectorCache; store: VectorStore | undefined }> {
    await this.deps.atFirstText?.(texts);
    const encoder = await (this.settings.kind === 'http'
      ? openServerEncoder(this.settings, { ...this.deps, env: process.env })
      : openEncoder(this.settings, this.deps));
    return { encoder, cache: createVectorCache(this.settings.cacheEntries), store: this.openStore() };
  }

  private openStore(): VectorStore | undefined {
    const { logger, metrics } = this.deps;
    const { cachePath } = this.settings;
    return cachePath === '' ? undefined : dispensableStore(lmdbVectorStore(cachePath, { logger }), logger, metrics);
  }
}

/** Text vectors that open the encoder only when there is a text. */
export class LazyVectors implements VectorSource {
  private vectors: TextVectors | undefined;

  constructor(private readonly shared: SharedEncoder) {}

  async load(texts: Iterable<string>): Promise<void> {
    const wanted = [...texts];
    if (!this.vectors && !wanted.some((text) => text !== '')) return;
    this.vectors ??= await this.shared.vectors(wanted);
    await this.vectors.load(wanted);
  }

  get(text: string): Float32Array | undefined {
    return this.vectors?.get(text);
  }
}

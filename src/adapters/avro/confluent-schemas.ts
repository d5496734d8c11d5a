import type { Clock } from '../../ports/clock.js';
import type { protobufReader } from '../protobuf/index.js';
import type { RegistrySchema, SchemaRegistry } from '../registry/index.js';

/** Magic byte and schema id. */
export const HEADER_BYTES = 5;
/** How long an id that the registry did not know is not asked for again. */
const UNKNOWN_FOR_MS = 60_000;
/** Ids remembered as unknown; random bytes make up new ones all the time. */
const MAX_UNKNOWN_IDS = 10_000;
/** Pauses before an id the registry did not know is asked for again: a producer may be ahead of its registration. */
const RETRY_PAUSES_MS = [250, 750];
/** More ids than these, unknown at once, are garbage and not a producer ahead of the registry. */
const MOST_RETRIED_IDS = 4;
/** Least time between two rounds of retries: garbage that comes in small doses must not slow the stream. */
const RETRY_ROUND_EVERY_MS = 10_000;
/** Questions to the registry at a time. */
const MAX_CONCURRENT_FETCHES = 4;

/** What is known about writer schemas, shared by all codecs of a registry. Ids never change meaning, so they are kept for good. */
export class ConfluentSchemas {
  private readonly known = new Map<number, RegistrySchema>();
  /** Id → monotonic time at which it may be asked for again, oldest first. */
  private readonly unknown = new Map<number, number>();
  private protobuf: typeof protobufReader | undefined;
  private readonly pending = new Map<number, Promise<void>>();
  /** Monotonic time of the last round of retries. */
  private retriedAtMs = -Infinity;

  constructor(
    readonly registry: Omit<SchemaRegistry, 'subjects'>,
    private readonly clock: Clock,
  ) {}

  get(id: number): RegistrySchema | undefined {
    return this.known.get(id);
  }

  /** Makes readers of Protobuf; there once a schema of it is known. */
  get protobufReader(): typeof protobufReader | undefined {
    return this.protobuf;
  }

  /** Fetches what these framed values need and nobody has asked for; undefined when nothing is missing. */
  prepare(values: readonly (Uint8Array | null)[]): Promise<void> | undefined {
    let missing: Set<number> | undefined;
    let last = -1;
    for (const value of values) {
      const id = value === null ? undefined : schemaIdOf(value);
      if (id === undefined || id === last) continue;
      last = id;
      if (!this.known.has(id) && !this.isUnknown(id)) (missing ??= new Set()).add(id);
    }
    return missing && this.fetchWithRetries([...missing]);
  }

  private async fetchWithRetries(ids: readonly number[]): Promise<void> {
    await this.fetchAll([...ids]);
    let unknown = ids.filter((id) => this.unknown.has(id));
    if (unknown.length === 0 || unknown.length > MOST_RETRIED_IDS) return;
    if (this.clock.monotonicMs() - this.retriedAtMs < RETRY_ROUND_EVERY_MS) return;
    this.retriedAtMs = this.clock.monotonicMs();
    for (const pauseMs of RETRY_PAUSES_MS) {
      await this.clock.sleep(pauseMs);
      await this.fetchAll([...unknown]);
      unknown = unknown.filter((id) => this.unknown.has(id));
      if (unknown.length === 0) return;
    }
  }

  private async fetchAll(ids: number[]): Promise<void> {
    const lanes = Array.from({ length: Math.min(MAX_CONCURRENT_FETCHES, ids.length) }, async () => {
      for (let id = ids.pop(); id !== undefined; id = ids.pop()) await this.fetchOnce(id);
    });
    await Promise.all(lanes);
  }

  private fetchOnce(id: number): Promise<void> {
    const running = this.pending.get(id);
    if (running) return running;
    const started = this.fetch(id).finally(() => this.pending.delete(id));
    this.pending.set(id, started);
    return started;
  }

  private async fetch(id: number): Promise<void> {
    const schema = await this.registry.schemaById(id);
    if (schema) {
      // Loaded when the first one comes: decoding waits for nothing.
      if (schema.schemaType === 'PROTOBUF') this.protobuf ??= (await import('../protobuf/index.js')).protobufReader;
      this.known.set(id, schema);
      this.unknown.delete(id);
      return;
    }
    if (this.unknown.size >= MAX_UNKNOWN_IDS) this.unknown.delete(this.unknown.keys().next().value!);
    this.unknown.set(id, this.clock.monotonicMs() + UNKNOWN_FOR_MS);
  }

  private isUnknown(id: number): boolean {
    const until = this.unknown.get(id);
    if (until === undefined) return false;
    if (this.clock.monotonicMs() < until) return true;
    this.unknown.delete(id);
    return false;
  }
}

/** Schema id of a framed value; undefined when it is not framed. */
export function schemaIdOf(value: Uint8Array): number | undefined {
  if (value.byteLength < HEADER_BYTES || value[0] !== 0) return undefined;
  return ((value[1]! << 24) | (value[2]! << 16) | (value[3]! << 8) | value[4]!) >>> 0;
}

/** A disk cache of text vectors, so that a restart is warm. Losing it costs time, never correctness. */
export interface VectorStore {
  get(key: string): Float32Array | undefined;
  put(entries: readonly (readonly [string, Float32Array])[]): Promise<void>;
  close(): Promise<void>;
}

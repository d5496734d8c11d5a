/** A bounded cache of text vectors in memory, shared by the partitions of one encoder. Forgetting costs time, never correctness. */
export interface VectorCache {
  get(text: string): Float32Array | undefined;
  set(text: string, vector: Float32Array): void;
}

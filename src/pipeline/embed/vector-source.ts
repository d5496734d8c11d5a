/** Vectors of a batch's texts: after `load`, `get` answers for each of them until the next `load`. */
export interface VectorSource {
  load(texts: Iterable<string>): Promise<void>;
  get(text: string): Float32Array | undefined;
}
